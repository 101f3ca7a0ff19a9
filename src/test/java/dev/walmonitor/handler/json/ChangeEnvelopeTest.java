package dev.walmonitor.handler.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TableName;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.handler.json.ChangeEnvelope.Mark;
import dev.walmonitor.rule.SampleTable;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.sql.FakeQueries;
import dev.walmonitor.sink.sql.Query;
import dev.walmonitor.sink.sql.TestPool;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChangeEnvelopeTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String HEAD =
            "{\"id\":\"main:1:0/1001:0\",\"source\":\"main\",\"operation\":\"%s\",\"schema\":\"public\",\"table\":\"t\","
                    + "\"timestamp\":\"2026-01-01T00:00:00Z\",\"lsn\":\"0/1001\",\"xid\":1,";
    private static final SampleTable FULL =
            SampleTable.of("public.t", ReplicaIdentity.FULL, "id*", "name", "note");
    private static final SampleTable BY_KEY =
            SampleTable.of("public.t", ReplicaIdentity.DEFAULT, "id*", "name", "note");

    private final ChangeEnvelope envelope = new Envelopes(source -> FakeQueries.NONE).of("main");

    @Test
    void anInsertHasANewRow() {
        assertThat(render(FULL.insert(1, FULL.row("1", "a", null))))
                .isEqualTo(
                        HEAD.formatted("INSERT")
                                + "\"old\":null,\"new\":{\"id\":\"1\",\"name\":\"a\",\"note\":null},"
                                + "\"changed_columns\":[\"id\",\"name\"]}");
    }

    @Test
    void anUpdateHasBothRowsAndWhatChanged() {
        RowChange update =
                FULL.update(1, FULL.row("1", "a", "x"), FULL.row("1", "b", SampleTable.ABSENT));

        assertThat(render(update))
                .isEqualTo(
                        HEAD.formatted("UPDATE")
                                + "\"old\":{\"id\":\"1\",\"name\":\"a\",\"note\":\"x\"},"
                                + "\"new\":{\"id\":\"1\",\"name\":\"b\",\"note\":\"x\"},"
                                + "\"changed_columns\":[\"name\"]}");
        assertThat(render(FULL.update(1, FULL.row("1", "a", null), FULL.row("1", "a", null))))
                .endsWith("\"changed_columns\":[]}");
    }

    @Test
    void whatWasNotSentIsLeftOutAndWhatChangedIsThenNotKnown() {
        assertThat(render(BY_KEY.update(1, null, BY_KEY.row("1", "b", SampleTable.ABSENT))))
                .isEqualTo(
                        HEAD.formatted("UPDATE")
                                + "\"old\":{\"id\":\"1\"},\"new\":{\"id\":\"1\",\"name\":\"b\"},"
                                + "\"changed_columns\":null}");
        assertThat(
                        render(
                                BY_KEY.delete(
                                        1,
                                        BY_KEY.row("1", SampleTable.ABSENT, SampleTable.ABSENT))))
                .endsWith("\"old\":{\"id\":\"1\"},\"new\":null,\"changed_columns\":null}");
    }

    @Test
    void ofAnOldRowThatIsNotSentNothingIsMadeUp() {
        assertThat(render(FULL.update(1, null, FULL.row("1", "b", "x"))))
                .as("a partition with another identity than its table's")
                .endsWith(
                        "\"old\":{},\"new\":{\"id\":\"1\",\"name\":\"b\",\"note\":\"x\"},\"changed_columns\":null}");
    }

    @Test
    void aTruncateHasNoRows() {
        assertThat(render(FULL.truncate(1)))
                .isEqualTo(
                        HEAD.formatted("TRUNCATE")
                                + "\"old\":null,\"new\":null,\"changed_columns\":null}");
    }

    @Test
    void howItCameIsSaidWhereItIsKnown() {
        RowChange change = FULL.truncate(1);

        assertThat(render(change, EnumSet.of(Mark.REDELIVERED)))
                .endsWith("\"changed_columns\":null,\"redelivered\":true}");
        assertThat(render(change, EnumSet.allOf(Mark.class)))
                .endsWith("\"changed_columns\":null,\"redelivered\":true,\"replayed\":true}");
    }

    @Test
    void theIdIsMadeOfWhatNeverChanges() {
        Transaction transaction = new Transaction("größer.1", -1, new Lsn(-1), Instant.EPOCH, -1);
        RowChange change = new RowChange.Truncate(transaction, -2, FULL.relation(), false, false);

        assertThat(ChangeEnvelope.id(change))
                .isEqualTo(
                        "gr%C3%B6%C3%9Fer%2E1:18446744073709551615:FFFFFFFF/FFFFFFFF:4294967294");
        assertThat(render(change)).contains("\"source\":\"größer.1\"", "\"xid\":4294967295,");
    }

    @Test
    void namesAndValuesCannotForgeMembers() throws JsonProcessingException {
        SampleTable odd = SampleTable.of("public.t", ReplicaIdentity.FULL, "id*", "a\",\"b\\");
        String json = render(odd.insert(1, odd.row("\",\"x\":\"\u0001", "\\\"}")));

        assertThat(new ObjectMapper().readTree(json).at("/new"))
                .isEqualTo(
                        new ObjectMapper()
                                .createObjectNode()
                                .put("id", "\",\"x\":\"\u0001")
                                .put("a\",\"b\\", "\\\"}"));
    }

    @Test
    void everyTypeLooksAlikeFromTheFirstChangeOn() {
        String url = SharedServers.freshDatabase();
        SharedServers.execute(
                url,
                "create type pair as (n int, s text)",
                "create domain price as numeric(10, 2)",
                "create domain prices as price[]");
        try (TestPool pool = TestPool.of(url)) {
            List<Column> columns = new ArrayList<>();
            for (String type : List.of("prices", "price", "pair", "pair[]", "json", "regclass")) {
                String oid =
                        pool.queries()
                                .rows(
                                        Query.of("select '" + type + "'::regtype::oid::int8 as o"),
                                        List.of())
                                .await()
                                .atMost(LIMIT)
                                .getFirst()
                                .getLong("o")
                                .toString();
                columns.add(new Column(type, Integer.parseUnsignedInt(oid), -1, true));
            }
            Relation relation =
                    new Relation(1, TableName.parse("t"), ReplicaIdentity.FULL, columns, List.of());
            Row row =
                    Row.of(
                            relation,
                            text("{1.50,2}"),
                            text("1.50"),
                            text("(1,\"a b\")"),
                            text("{\"(1,a)\"}"),
                            text("{\"b\" : 1}"),
                            text("pg_class"));
            RowChange change = new RowChange.Insert(FULL.truncate(1).transaction(), 0, row);
            ChangeEnvelope asking = new Envelopes(source -> pool.queries()).of("main");

            assertThat(asking.render(change, Set.of()).await().atMost(LIMIT))
                    .contains(
                            "\"new\":{\"prices\":[1.50, 2],\"price\":1.50,\"pair\":\"(1,\\\"a b\\\")\","
                                    + "\"pair[]\":\"{\\\"(1,a)\\\"}\",\"json\":{\"b\": 1},\"regclass\":\"pg_class\"}");
        }
    }

    @Test
    void aTypeThatCannotBeAskedForFailsAndIsAskedForAgain() {
        FakeQueries down =
                new FakeQueries(
                        Uni.createFrom().failure(new SinkException("no database", true)),
                        new ArrayList<>());
        Relation relation =
                new Relation(
                        1,
                        TableName.parse("t"),
                        ReplicaIdentity.FULL,
                        List.of(new Column("c", 99_999, -1, true)),
                        List.of());
        RowChange change =
                new RowChange.Insert(
                        FULL.truncate(1).transaction(), 0, Row.of(relation, text("x")));
        ChangeEnvelope asking = new Envelopes(source -> down).of("main");

        assertThatThrownBy(() -> asking.render(change, Set.of()).await().atMost(LIMIT))
                .isInstanceOf(SinkException.class)
                .hasMessage("The types of table public.t could not be asked for");
    }

    @Test
    void bytesOfWhichNoTextIsKnownAreHexadecimal() {
        Relation relation =
                new Relation(
                        1,
                        TableName.parse("t"),
                        ReplicaIdentity.FULL,
                        List.of(new Column("c", 790, -1, true)),
                        List.of());
        ColumnValue money = new ColumnValue.Binary(new byte[] {0, -1});
        RowChange change =
                new RowChange.Insert(FULL.truncate(1).transaction(), 0, Row.of(relation, money));

        assertThat(render(change)).contains("\"new\":{\"c\":\"\\\\x00ff\"}");
    }

    private static ColumnValue text(String text) {
        return new ColumnValue.Text(text);
    }

    private String render(RowChange change) {
        return render(change, Set.of());
    }

    private String render(RowChange change, Set<Mark> marks) {
        return envelope.render(change, marks).await().atMost(LIMIT);
    }
}
