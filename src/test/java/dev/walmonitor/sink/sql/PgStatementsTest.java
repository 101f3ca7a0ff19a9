package dev.walmonitor.sink.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.TableName;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.rule.Template;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.sql.Statements.Entry;
import io.smallrye.mutiny.Uni;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PgStatementsTest {
    private static final String SCHEMA =
            """
            create table log (id int primary key, price numeric(10, 2), at timestamptz, tags text[]);
            create table orders (id int, day date) partition by range (day);
            create table orders_1 partition of orders for values from ('2026-01-01') to ('2026-02-01');
            create table orders_2 partition of orders for values from ('2026-02-01') to ('2026-03-01');
            create view cheap as select * from log where price < 10;
            create function note(int) returns void language sql as 'insert into log (id) values ($1)';
            create function clash(text) returns void language plpgsql as
                'begin raise exception using errcode = $1, message = ''value 42''; end';
            """;

    private static final String URL = SharedServers.freshDatabase();
    private static final String DATABASE = URL.substring(URL.lastIndexOf('/') + 1);
    private static @Nullable TestPool pool;

    @BeforeAll
    static void open() {
        SharedServers.execute(URL, SCHEMA);
        pool = TestPool.writing(URL);
    }

    @AfterAll
    static void close() {
        pool().close();
    }

    @Test
    void aChangeIsAppliedOnceHoweverOftenItComes() {
        Query insert = query("insert into log values ({id}, {price}, {at}, {tags})");
        List<@Nullable String> row = List.of("1", "2.50", "2026-01-01 00:00:00+00", "{a,\"b c\"}");

        assertThat(get(statements().apply(insert, row, entry(1, 0)))).isEqualTo(OptionalLong.of(1));
        assertThat(get(statements().apply(insert, row, entry(1, 0)))).isEmpty();
        assertThat(get(pool().statements().apply(insert, row, entry(1, 0))))
                .as("another process, after a crash")
                .isEmpty();
        assertThat(ask("select id || ' ' || price || ' ' || tags::text from log where id = 1"))
                .isEqualTo("1 2.50 {a,\"b c\"}");
        assertThat(
                        get(
                                statements()
                                        .apply(
                                                query("update log set price = {p} where id = {id}"),
                                                Arrays.asList(null, "1"),
                                                entry(1, 1))))
                .isEqualTo(OptionalLong.of(1));
        assertThat(ask("select price is null from log where id = 1")).isEqualTo("t");
    }

    @Test
    void theSameStatementRunsForEachRuleSourceAndEpoch() {
        Query insert = query("insert into log (id) select 100 + count(*) from log where id >= {n}");
        List<@Nullable String> values = List.of("100");
        for (Entry entry :
                List.of(
                        new Entry("main", 1, "a", 500, 0),
                        new Entry("main", 1, "b", 500, 0),
                        new Entry("main", 2, "a", 500, 0),
                        new Entry("shop", 1, "a", 500, 0),
                        new Entry("main", 1, "a", -1, 0))) {
            assertThat(get(statements().apply(insert, values, entry)))
                    .isEqualTo(OptionalLong.of(1));
            assertThat(get(statements().apply(insert, values, entry))).isEmpty();
        }
        assertThat(ask("select max(commit_lsn) from wal_monitor.wal_monitor_applied"))
                .as("positions are unsigned")
                .isEqualTo("18446744073709551615");
    }

    @Test
    void whatIsRefusedIsNotEntered() {
        SharedServers.execute(URL, "insert into log (id) values (7)");
        Query insert = query("insert into log (id) values ({id})");

        assertThatThrownBy(() -> get(statements().apply(insert, List.of("7"), entry(7, 0))))
                .isInstanceOf(SinkException.class)
                .hasMessage(
                        "A statement in the datasource shop failed: SQLSTATE 23505 of constraint log_pkey")
                .returns(false, failure -> ((SinkException) failure).isRetryable());
        SharedServers.execute(URL, "delete from log where id = 7");
        assertThat(get(statements().apply(insert, List.of("7"), entry(7, 0))))
                .isEqualTo(OptionalLong.of(1));
    }

    @Test
    void whatOthersAreTheReasonOfIsTriedAgain() {
        for (String passing : List.of("40001", "40P01", "53300", "55P03", "57014", "25006")) {
            assertThat(clash(passing)).as(passing).isTrue();
        }
        for (String lasting : List.of("23503", "22012", "42501", "P0001")) {
            assertThat(clash(lasting)).as(lasting).isFalse();
        }
    }

    private static boolean clash(String state) {
        try {
            var _ =
                    get(
                            statements()
                                    .apply(
                                            query("select clash({state})"),
                                            List.of(state),
                                            entry(8, 0)));
            throw new AssertionError("no failure");
        } catch (SinkException e) {
            return e.isRetryable();
        }
    }

    @Test
    void theTablesThatAStatementWritesToAreKnown() {
        assertThat(targets("insert into log (id, price) values ({id}, {price})"))
                .isEqualTo("[public.log]");
        assertThat(targets("insert into log (id) values ({id}) on conflict (id) do nothing"))
                .isEqualTo("[public.log]");
        assertThat(targets("update log set price = {price} where id = {id}"))
                .isEqualTo("[public.log]");
        assertThat(targets("delete from log where id = {id}")).isEqualTo("[public.log]");
        assertThat(targets("update cheap set price = 1 where id = {id}")).isEqualTo("[public.log]");
        assertThat(targets("insert into orders values ({id}, {day})"))
                .isEqualTo("[public.orders, public.orders_1, public.orders_2]");
        assertThat(targets("update orders set id = 1 where day = {day}"))
                .isEqualTo("[public.orders, public.orders_1, public.orders_2]");
        assertThat(targets("delete from orders_1 where id = {id}"))
                .isEqualTo("[public.orders, public.orders_1, public.orders_2]");
        assertThat(
                        targets(
                                "with gone as (delete from log where id = {id} returning id)"
                                        + " insert into orders select id, {day} from gone"))
                .isEqualTo("[public.log, public.orders, public.orders_1, public.orders_2]");
        assertThat(targets("select note({id})"))
                .as("functions are not looked into")
                .isEqualTo("[]");
        assertThat(targets("select id from log where id = {id}")).isEqualTo("[]");
        assertThat(ask("select count(*) from log where id < 0")).isEqualTo("0");
    }

    @Test
    void aStatementThatCannotWorkIsRefused() {
        assertRefused(
                "insert into logg (id) values ({id})",
                "A statement in the datasource shop failed: relation \"logg\" does not exist (42P01)");
        assertRefused(
                "insert into log (idd) values ({id})",
                "A statement in the datasource shop failed: column \"idd\" of relation \"log\" does not exist (42703)");
        assertRefused(
                "delete from log where id::text = '{id}'",
                "A query has 0 parameters where 1 placeholders stand; a placeholder may not stand within"
                        + " quotes or a comment");
        assertRefused(
                "insert into log (id) values ({id}); delete from log",
                "A statement in the datasource shop failed: cannot insert multiple commands into a prepared"
                        + " statement (42601)");
    }

    private static void assertRefused(String statement, String message) {
        assertThatThrownBy(() -> get(statements().targets(query(statement))))
                .isInstanceOf(SinkException.class)
                .hasMessage(message);
    }

    @Test
    void aRoleWithoutRightsIsToldWhatToRun() {
        String role = "writer_" + SharedServers.number();
        SharedServers.postgres().execute("create role " + role + " login password 'w'");
        String url = URL.replace("app:app@", role + ":w@");
        String fault =
                "the role %s may not %s the table wal_monitor.wal_monitor_applied in the datasource shop."
                        + " Let its owner run: CREATE SCHEMA IF NOT EXISTS wal_monitor; CREATE TABLE IF NOT EXISTS"
                        + " wal_monitor.wal_monitor_applied (source text NOT NULL, epoch bigint NOT NULL, rule text"
                        + " NOT NULL, commit_lsn numeric(20) NOT NULL, ordinal integer NOT NULL, applied_at timestamptz"
                        + " NOT NULL DEFAULT now(), PRIMARY KEY (source, epoch, commit_lsn, ordinal, rule));"
                        + " GRANT USAGE ON SCHEMA wal_monitor TO %s; GRANT SELECT, INSERT, DELETE ON"
                        + " wal_monitor.wal_monitor_applied TO %s;";
        try (TestPool poor = TestPool.writing(url.replace(DATABASE, other()))) {
            Optional<String> told = get(poor.statements().ledgerFault());
            assertThat(told).hasValue(fault.formatted(role, "make", role, role));
            owner(other(), told.orElseThrow().replaceFirst(".*Let its owner run: ", ""));
            assertThat(get(poor.statements().ledgerFault())).isEmpty();
            Query nothing = query("select {id}::int");
            assertThat(get(poor.statements().apply(nothing, List.of("1"), entry(1, 0))))
                    .isEqualTo(OptionalLong.of(0));
            assertThat(get(poor.statements().apply(nothing, List.of("1"), entry(1, 0)))).isEmpty();
            assertThat(get(poor.statements().forget("main", 1, 2, 10))).isEqualTo(1);
            owner(other(), "revoke delete on wal_monitor.wal_monitor_applied from " + role);
            assertThat(get(poor.statements().ledgerFault()))
                    .hasValue(fault.formatted(role, "use", role, role));
        }
    }

    private static @Nullable String otherDatabase;

    private static String other() {
        if (otherDatabase == null) {
            String url = SharedServers.freshDatabase();
            otherDatabase = url.substring(url.lastIndexOf('/') + 1);
        }
        return otherDatabase;
    }

    private static void owner(String database, String statements) {
        try (Connection connection = SharedServers.postgres().open(database);
                Statement statement = connection.createStatement()) {
            var _ = statement.execute(statements);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatLiesBeforeAPlaceIsForgottenSomeAtATime() {
        PgStatements ledger = pool().statements("ledger");
        Query nothing = query("select 1");
        for (Entry entry :
                List.of(
                        new Entry("a", 1, "r", -5, 3),
                        new Entry("a", 2, "r", 10, 0),
                        new Entry("a", 2, "r", 10, 1),
                        new Entry("a", 2, "r", 11, 0),
                        new Entry("a", 2, "r", -1, 0),
                        new Entry("a", 3, "r", 1, 0),
                        new Entry("b", 1, "r", 1, 0))) {
            assertThat(get(ledger.apply(nothing, List.of(), entry))).isEqualTo(OptionalLong.of(0));
        }

        assertThat(get(ledger.forget("a", 2, 11, 2))).isEqualTo(2);
        assertThat(get(ledger.forget("a", 2, 11, 2))).isEqualTo(1);
        assertThat(get(ledger.forget("a", 2, 11, 2))).isZero();
        assertThat(
                        ask(
                                "select string_agg(source || epoch || ' ' || commit_lsn, ', '"
                                        + " order by source, epoch, commit_lsn) from ledger.wal_monitor_applied"))
                .isEqualTo("a2 11, a2 18446744073709551615, a3 1, b1 1");
    }

    @Test
    void aDatabaseKnowsItself() {
        assertThat(get(statements().identity()))
                .isEqualTo(
                        get(pool().queries().rows(Statements.IDENTITY, List.of()))
                                .getFirst()
                                .getString("identity"))
                .startsWith(DATABASE + " ");
    }

    static Query query(String statement) {
        return new Query(Template.parse(statement).sql().fragments());
    }

    private static Entry entry(long commit, int ordinal) {
        return new Entry("main", 1, "rule", commit, ordinal);
    }

    private static String targets(String statement) {
        TreeSet<String> names = new TreeSet<>();
        for (TableName table : get(statements().targets(query(statement)))) {
            names.add(table.toString());
        }
        return names.toString();
    }

    private static PgStatements statements() {
        return pool().statements();
    }

    private static TestPool pool() {
        return Objects.requireNonNull(pool);
    }

    private static String ask(String sql) {
        return String.valueOf(SharedServers.postgres().query(DATABASE, sql));
    }

    private static <T> T get(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(20));
    }
}
