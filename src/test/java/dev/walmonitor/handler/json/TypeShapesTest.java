package dev.walmonitor.handler.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.handler.json.Shape.ArrayOf;
import dev.walmonitor.handler.json.Shape.Opaque;
import dev.walmonitor.handler.json.Shape.Scalar;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.sql.FakeQueries;
import dev.walmonitor.sink.sql.TestPool;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("every-version")
class TypeShapesTest {
    private static final String URL = SharedServers.freshDatabase();
    private static final TestPool POOL = TestPool.of(URL);
    private static final TypeShapes SHAPES = new TypeShapes(POOL.queries());

    @BeforeAll
    static void make() {
        SharedServers.execute(
                URL,
                "create extension hstore",
                "create extension citext",
                "create type mood as enum ('sad', 'happy')",
                "create type pair as (n int, s text)",
                "create type spoken as enum ('de')",
                "create function spoken_json(spoken) returns json language sql as $$ select '1'::json $$",
                "create cast (spoken as json) with function spoken_json(spoken)",
                "create domain price as numeric(10, 2)",
                "create domain small_price as price",
                "create domain boxes as box[]",
                "create domain document as json",
                "create domain vector as int2vector",
                "create domain couple as pair",
                "create type textrange as range (subtype = text)",
                "create table some_table (id int)");
    }

    @AfterAll
    static void close() {
        POOL.close();
    }

    @Test
    void followsDomainsAndArraysToWhatTheyAreMadeOf() {
        assertThat(shape("small_price")).isEqualTo(Scalar.NUMBER);
        assertThat(shape("price[]")).isEqualTo(new ArrayOf(Scalar.NUMBER, ','));
        assertThat(shape("boxes")).isEqualTo(new ArrayOf(Scalar.TEXT, ';'));
        assertThat(shape("boxes[]")).isEqualTo(new ArrayOf(new ArrayOf(Scalar.TEXT, ';'), ';'));
        assertThat(shape("document")).isEqualTo(Scalar.JSON);
        assertThat(shape("document[]")).isEqualTo(new ArrayOf(Scalar.JSON, ','));
        assertThat(shape("vector")).isEqualTo(new Shape.VectorOf(Scalar.NUMBER));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mood", "textrange", "textmultirange", "tstzrange", "uuid", "citext"})
    void whatJsonHasNoWordForIsText(String type) {
        assertThat(shape(type)).isEqualTo(Scalar.TEXT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pair",
                "couple",
                "some_table",
                "spoken",
                "hstore",
                "regclass",
                "regtype",
                "aclitem",
                "pg_class",
                "record"
            })
    void whatMayLookOtherwiseIsNeverRendered(String type) {
        assertThat(shape(type)).isEqualTo(Opaque.OPAQUE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pair[]", "spoken[]", "hstore[]", "regclass[]"})
    void norAreArraysOfIt(String type) {
        assertThat(shape(type)).isEqualTo(new ArrayOf(Opaque.OPAQUE, ','));
    }

    @Test
    void aTypeThatIsGoneIsNeverRendered() {
        assertThat(await().until(() -> SHAPES.of(0x7FFFFFFF), shape -> shape != null))
                .isEqualTo(Opaque.OPAQUE);
    }

    @Test
    void knowsTheServersArrays() {
        List<JsonObject> arrays =
                rows(
                        """
                        select t.oid::int8 as element, a.oid::int8 as array, t.typdelim as delimiter
                        from pg_type t join pg_type a on a.oid = t.typarray
                        where t.oid < 10000 and t.typtype in ('b', 'r', 'm') order by 1\
                        """);
        List<Integer> unknown = new ArrayList<>();
        for (JsonObject array : arrays) {
            int element = array.getInteger("element");
            if (BuiltInTypes.shape(element) == null) {
                unknown.add(element);
                continue;
            }
            assertThat(BuiltInTypes.element(array.getInteger("array"))).isEqualTo(element);
            assertThat(array.getString("delimiter"))
                    .isEqualTo(element == BuiltInTypes.BOX ? ";" : ",");
        }
        assertThat(unknown)
                .as(
                        "aclitem, pg_node_tree and the like, gtsvector, and what looks into the catalogue")
                .isSubsetOf(
                        24, 1033, 2202, 2203, 2204, 2205, 2206, 3642, 3734, 3769, 4089, 4096, 4191,
                        8326);
    }

    @Test
    void aQuestionThatFailedIsAskedAgain() {
        FakeQueries failing =
                new FakeQueries(
                        Uni.createFrom().failure(new SinkException("it is away", true)),
                        new ArrayList<>());
        TypeShapes shapes = new TypeShapes(failing);

        assertThat(shapes.of(20_000)).isNull();
        assertThat(shapes.of(20_000)).isNull();

        assertThat(failing.asked()).hasSize(2);
    }

    @Test
    void asksOnceAtATime() {
        FakeQueries slow = new FakeQueries(Uni.createFrom().nothing(), new ArrayList<>());
        TypeShapes shapes = new TypeShapes(slow);

        for (int i = 0; i < 3; i++) {
            assertThat(shapes.of(20_000)).isNull();
        }

        assertThat(slow.asked()).hasSize(1);
    }

    @Test
    void keysOfAnotherEncodingAreNotSortedHere() {
        TypeShapes shapes =
                new TypeShapes(
                        FakeQueries.giving(List.of(new JsonObject().put("encoding", "LATIN1"))));
        var _ = shapes.sortsByUtf8();

        assertThat(shapes.sortsByUtf8()).isFalse();
        assertThat(shapes.of(BuiltInTypes.JSON)).isEqualTo(Opaque.OPAQUE);
    }

    private static Shape shape(String type) {
        JsonObject row = rows("select '" + type + "'::regtype::oid::int8 as oid").getFirst();
        int oid = row.getLong("oid").intValue();
        return await().until(() -> SHAPES.of(oid), shape -> shape != null);
    }

    private static List<JsonObject> rows(String query) {
        return POOL.queries()
                .rows(dev.walmonitor.sink.sql.Query.of(query), List.of())
                .await()
                .atMost(Duration.ofSeconds(10));
    }
}
