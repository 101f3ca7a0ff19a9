package dev.walmonitor.sink.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.sql.Queries.Mark;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PgQueriesTest {
    private static final String SCHEMA =
            """
            create type mood as enum ('sad', 'happy');
            create table people (id int primary key, name text, key uuid, mood mood,
                                 score numeric(10, 2), born timestamptz, tags text[]);
            grant select on people to app;
            create table secrets (id int);
            insert into people values
                (1, 'Ann', '2f0b7e6e-9f0a-4c3b-8f43-c47f8d2cbb21', 'happy', 1.50,
                 '2000-01-01 00:00:00+05', '{a,b}'),
                (2, 'Ben', null, 'sad', 'NaN', null, null);
            """;

    private static final String URL = SharedServers.freshDatabase();
    private static final String DATABASE = URL.substring(URL.lastIndexOf('/') + 1);
    private static @Nullable TestPool pool;

    @BeforeAll
    static void open() throws SQLException {
        execute(SCHEMA);
        pool = TestPool.of(URL);
    }

    @AfterAll
    static void close() {
        pool().close();
    }

    @Test
    void rowsBecomeOneJsonArrayInTheQuerysOrder() {
        assertThat(snapshot("select id, name from people order by name desc", Set.of()).json())
                .isEqualTo("[{\"id\": 2, \"name\": \"Ben\"}, {\"id\": 1, \"name\": \"Ann\"}]");
        assertThat(snapshot("select id from people where id > 2", Set.of()).json()).isEqualTo("[]");
        assertThat(
                        snapshot(
                                        "select n from generate_series(1, 2000) n order by n % 7, n desc",
                                        Set.of())
                                .json())
                .startsWith("[{\"n\": 1995}, {\"n\": 1988},")
                .endsWith("{\"n\": 13}, {\"n\": 6}]");
    }

    @Test
    void valuesLookTheSameWhateverTheRolesSettings() throws SQLException {
        execute(
                "alter role app set timezone = 'Asia/Tokyo';"
                        + " alter role app set default_transaction_read_only = off");
        try (TestPool fresh = TestPool.of(URL)) {
            String json =
                    get(fresh.queries()
                                    .snapshot(
                                            Query.of(
                                                    "select score, born, tags from people order by id"),
                                            List.of(),
                                            Set.of()))
                            .json();
            assertThat(json)
                    .isEqualTo(
                            "[{\"born\": \"1999-12-31T19:00:00+00:00\", \"tags\": [\"a\", \"b\"],"
                                    + " \"score\": 1.50}, {\"born\": null, \"tags\": null, \"score\":"
                                    + " \"NaN\"}]");
        } finally {
            execute("alter role app reset all");
        }
    }

    @Test
    void aCommentOrASemicolonAtTheEndOfAQueryDoesNoHarm() {
        assertThat(
                        snapshot("select id from people order by id limit 1 -- the first", Set.of())
                                .rows())
                .isEqualTo(1);
    }

    @Test
    void f63_aSnapshotTellsWhichTransactionsItCouldNotSee() throws SQLException {
        try (Connection open = SharedServers.postgres().open(DATABASE);
                Statement statement = open.createStatement()) {
            open.setAutoCommit(false);
            int uncommitted = xid(statement);
            int committed = committed();

            Queries.Snapshot before = snapshot("select 1 as one", Set.of(uncommitted, committed));
            open.commit();
            Queries.Snapshot after = snapshot("select 1 as one", Set.of(uncommitted, committed));

            assertThat(before.unseen()).containsExactly(mark(uncommitted));
            assertThat(before.snapshot()).matches("\\d+:\\d+:[\\d,]*");
            assertThat(after.unseen()).isEmpty();
        }
    }

    @Test
    void f63_aTransactionAtTheEndOfTheSnapshotIsNotTakenForOneOfAnEarlierRound()
            throws SQLException {
        try (Connection open = SharedServers.postgres().open(DATABASE);
                Statement statement = open.createStatement()) {
            open.setAutoCommit(false);
            int newest = xid(statement);

            assertThat(snapshot("select 1 as one", Set.of(newest)).unseen())
                    .containsExactly(mark(newest));
        }
    }

    @Test
    void a32BitTransactionNumberStandsForTheNearest64BitOne() {
        long end = 3 * (1L << 32) + 5;
        assertThat(fullXid(5, end)).isEqualTo(end);
        assertThat(fullXid(4, end)).isEqualTo(end - 1);
        assertThat(fullXid(10, end)).isEqualTo(end + 5);
        assertThat(fullXid(0xFFFF_FFFFL, end)).isEqualTo(end - 6);
        assertThat(fullXid(0x8000_0006L, end)).isEqualTo(end - 0x7FFF_FFFFL);
        assertThat(fullXid(0x8000_0004L, end)).isEqualTo(end + 0x7FFF_FFFFL);
        assertThat(fullXid(3, 4 * (1L << 32) - 2)).isEqualTo(4 * (1L << 32) + 3);
    }

    private static long fullXid(long xid, long xmax) {
        return Long.parseLong(
                SharedServers.postgres()
                        .query(
                                DATABASE,
                                "select "
                                        + PgQueries.fullXid(xid + "::bigint", xmax + "::bigint")));
    }

    @Test
    void valuesAreTakenAsIfTheyStoodInQuotes() {
        assertThat(names("id = ", "2")).containsExactly("Ben");
        assertThat(names("name = ", "Ann")).containsExactly("Ann");
        assertThat(names("key = ", "2F0B7E6E-9F0A-4C3B-8F43-C47F8D2CBB21")).containsExactly("Ann");
        assertThat(names("mood = ", "sad")).containsExactly("Ben");
        assertThat(names("score = ", "1.5")).containsExactly("Ann");
        assertThat(names("born < ", "2000-01-01 00:00:00+00")).containsExactly("Ann");
        assertThat(names("tags = ", "{a,b}")).containsExactly("Ann");
        assertThat(names("id = ", null)).isEmpty();
        assertThat(names("name = ", "x' or '1' = '1")).isEmpty();
    }

    @Test
    void severalValuesOfDifferentTypesAreEachTakenForWhatTheyAre() {
        Query query =
                new Query(
                        List.of(
                                "select name from people where id = ",
                                " or name = ",
                                " order by 1"));
        assertThat(get(pool().queries().rows(query, List.of("2", "Ann"))))
                .extracting(row -> row.getString("name"))
                .containsExactly("Ann", "Ben");
    }

    @Test
    void aSnapshotTakesValuesToo() {
        Query query = new Query(List.of("select name from people where id = ", ""));
        assertThat(get(pool().queries().snapshot(query, List.of("1"), Set.of())).json())
                .isEqualTo("[{\"name\": \"Ann\"}]");
    }

    @Test
    void aValueThatIsNoneOfItsTypeFailsWithoutBeingShown() {
        Query query = new Query(List.of("select name from people where id = ", ""));
        assertFails(
                pool().queries().rows(query, List.of("top secret")),
                "A query of the database of source main failed: SQLSTATE 22P02",
                false);
    }

    @Test
    void theTypesAreAskedForAgainAfterATableWasAltered() throws SQLException {
        execute("create table altered (id int); grant select on altered to app");
        Query query = new Query(List.of("select id from altered where id = ", ""));
        PgQueries queries = pool().queries();
        assertThat(get(queries.rows(query, List.of("1")))).isEmpty();
        execute("alter table altered alter id type text using id::text");

        assertThatThrownBy(() -> get(queries.rows(query, List.of("x"))))
                .isInstanceOf(SinkException.class);
        assertThat(get(queries.rows(query, List.of("x")))).isEmpty();
    }

    @Test
    void theColumnsOfAQueryAreKnownWithoutRunningIt() {
        Query query =
                new Query(
                        List.of(
                                "select name, 1 / (id - id) as \"E-mail\" from people where id = ",
                                ""));
        assertThat(get(pool().queries().columns(query))).containsExactly("name", "E-mail");
    }

    @Test
    void aQueryThatTheDatabaseRefusesSaysWhy() {
        assertRefused("select nope from people", "column \"nope\" does not exist (42703)");
        assertRefused("select from nowhere", "relation \"nowhere\" does not exist (42P01)");
        assertRefused("select id from secrets", "permission denied for table secrets (42501)");
        assertRefused(
                "select 1; select 2",
                "cannot insert multiple commands into a prepared statement (42601)");
        assertRefused(
                "select 1) q; drop table people; --", "syntax error at or near \")\" (42601)");
        assertRefused("delete from people", "syntax error at or near \"from\" (42601)");
        assertThat(names("id = ", "1")).containsExactly("Ann");
    }

    @Test
    void aPlaceholderWithinQuotesIsRefused() {
        assertFails(
                pool().queries().columns(new Query(List.of("select '", "' as x"))),
                "A query has 0 parameters where 1 placeholders stand; a placeholder may not stand"
                        + " within quotes or a comment",
                false);
    }

    @Test
    void aQueryCannotWrite() throws SQLException {
        execute(
                "create function wipe() returns int language sql security definer as 'delete from"
                        + " people returning 1'");
        assertFails(
                pool().queries().rows(Query.of("select wipe() as x"), List.of()),
                "A query of the database of source main failed: cannot execute DELETE in a"
                        + " read-only transaction (25006)",
                false);
    }

    @Test
    void aQueryThatTakesTooLongFails() {
        assertFails(
                pool().queries(Duration.ofMillis(200))
                        .rows(Query.of("select pg_sleep(2)::text as x"), List.of()),
                "A query of the database of source main took longer than 200 ms",
                true);
    }

    @Test
    void aDatabaseThatIsDownFailsAndIsUsedAgainWhenItIsUp() {
        try (PostgresServer server = PostgresServer.started();
                TestPool own = TestPool.of(server.url())) {
            Query query = Query.of("select 1 as one");
            assertThat(get(own.queries().rows(query, List.of()))).hasSize(1);
            server.kill9();
            assertThatThrownBy(() -> get(own.queries().rows(query, List.of())))
                    .isInstanceOfSatisfying(
                            SinkException.class, e -> assertThat(e.isRetryable()).isTrue());
            assertFails(
                    own.queries().rows(query, List.of()),
                    "A query of the database of source main failed: it cannot be reached",
                    true);
            server.restart();
            assertThat(get(own.queries().rows(query, List.of()))).hasSize(1);
        }
    }

    private static void assertRefused(String query, String why) {
        assertFails(
                pool().queries().columns(Query.of(query)),
                "A query of the database of source main failed: " + why,
                false);
    }

    private static void assertFails(Uni<?> work, String message, boolean retryable) {
        assertThatThrownBy(() -> get(work))
                .isInstanceOfSatisfying(
                        SinkException.class, e -> assertThat(e.isRetryable()).isEqualTo(retryable))
                .hasMessage(message);
    }

    private static List<String> names(String condition, @Nullable String value) {
        Query query =
                new Query(List.of("select name from people where " + condition, " order by id"));
        List<JsonObject> rows =
                get(pool().queries().rows(query, Arrays.asList(new @Nullable String[] {value})));
        return rows.stream().map(row -> row.getString("name")).toList();
    }

    private static Queries.Snapshot snapshot(String query, Set<Integer> xids) {
        Set<Mark> marks = xids.stream().map(PgQueriesTest::mark).collect(Collectors.toSet());
        return get(pool().queries().snapshot(Query.of(query), List.of(), marks));
    }

    private static Mark mark(int xid) {
        return new Mark(xid, 0);
    }

    private static int committed() throws SQLException {
        try (Connection connection = SharedServers.postgres().open(DATABASE);
                Statement statement = connection.createStatement()) {
            return xid(statement);
        }
    }

    private static int xid(Statement statement) throws SQLException {
        try (var rows = statement.executeQuery("select pg_current_xact_id()::xid::text::bigint")) {
            rows.next();
            return (int) rows.getLong(1);
        }
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = SharedServers.postgres().open(DATABASE);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static <T> T get(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(20));
    }

    private static TestPool pool() {
        TestPool open = pool;
        if (open == null) {
            throw new IllegalStateException("Expected the pool to be open");
        }
        return open;
    }
}
