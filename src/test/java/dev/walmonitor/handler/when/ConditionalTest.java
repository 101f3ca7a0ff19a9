package dev.walmonitor.handler.when;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Condition;
import dev.walmonitor.rule.SampleTable;
import dev.walmonitor.rule.cel.ExpressionException;
import dev.walmonitor.rule.cel.MalformedExpression;
import dev.walmonitor.sink.sql.TestPool;
import io.smallrye.mutiny.Uni;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A condition whose values the log did not send, over a real database. */
class ConditionalTest {
    private static final SampleTable NOTES =
            SampleTable.of(
                    "public.Notes",
                    ReplicaIdentity.DEFAULT,
                    "id*",
                    "First Key*",
                    "body",
                    "state",
                    "code",
                    "done");
    private static final String[] TABLE = {
        "create table \"Notes\" (id int, \"First Key\" text, body text, state text, code char(4),"
                + " done boolean, primary key (id, \"First Key\"))",
        "insert into \"Notes\" values (1, 'k', 'old', 'x', 'ab', true)"
    };

    private final String url = SharedServers.freshDatabase();
    private final TestPool pool = TestPool.of(url);
    private final List<RowChange> handled = new CopyOnWriteArrayList<>();
    private final AtomicInteger waits = new AtomicInteger();

    @AfterEach
    void close() {
        pool.close();
    }

    private Conditional conditional(String when) {
        return conditional(when, pool);
    }

    private Conditional conditional(String when, TestPool on) {
        Condition condition;
        try {
            condition = Condition.parse(when);
        } catch (MalformedExpression e) {
            throw new AssertionError(e);
        }
        return new Conditional(
                "r",
                condition,
                new RowReader(
                        on.queries(),
                        pause -> {
                            waits.incrementAndGet();
                            return Uni.createFrom().voidItem().onItem().delayIt().by(pause);
                        }),
                change -> {
                    handled.add(change);
                    return Uni.createFrom().item(HandlerResult.of("handled"));
                });
    }

    /** The row as the log shows it when nothing but the key and the state was sent. */
    private static RowChange update(int xid, String state) {
        return NOTES.update(
                xid,
                null,
                NOTES.row(
                        "1",
                        "k",
                        SampleTable.ABSENT,
                        state,
                        SampleTable.ABSENT,
                        SampleTable.ABSENT));
    }

    private static String handle(Conditional conditional, RowChange change) {
        return conditional.handle(change).await().atMost(Duration.ofSeconds(10)).action();
    }

    private int change(String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                "jdbc:postgresql://" + url.substring(url.indexOf('@') + 1),
                                "app",
                                "app");
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(sql);
            try (var rows =
                    statement.executeQuery("select pg_current_xact_id()::xid::text::bigint")) {
                rows.next();
                int xid = (int) rows.getLong(1);
                connection.commit();
                return xid;
            }
        }
    }

    @Test
    void whatIsInTheChangeDecidesAlone() {
        Conditional conditional = conditional("after.state == 'open'");

        assertThat(handle(conditional, update(1, "open"))).isEqualTo("handled");
        assertThat(handle(conditional, update(1, "shut"))).isEmpty();
        assertThat(handled).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "after.body == 'old'",
                "after.code == 'ab  '",
                "has(after.done) && after.done == 't'",
                "after.body != 'new' && after.state == 'y'"
            })
    void whatWasNotSentIsReadFromTheRow(String when) throws SQLException {
        SharedServers.execute(url, TABLE);
        int xid = change("update \"Notes\" set state = 'y' where id = 1");

        assertThat(handle(conditional(when), update(xid, "y"))).isEqualTo("handled");
        assertThat(handle(conditional("!(" + when + ")"), update(xid, "y"))).isEmpty();
        assertThat(waits).hasValue(0);
    }

    @Test
    void aNullThatWasNotSentIsReadAsNull() throws SQLException {
        SharedServers.execute(url, TABLE);
        int xid = change("update \"Notes\" set body = null where id = 1");

        assertThat(handle(conditional("after.body == null"), update(xid, "y")))
                .isEqualTo("handled");
    }

    @Test
    void aRowThatIsGoneDoesNotMakeTheConditionFalse() throws SQLException {
        SharedServers.execute(url, TABLE);
        int xid = change("delete from \"Notes\"");

        assertThat(handle(conditional("after.body == 'new'"), update(xid, "y")))
                .isEqualTo("handled");
    }

    @Test
    void anOldValueThatIsNotSentDoesNotMakeTheConditionFalse() {
        assertThat(handle(conditional("before.state == 'new'"), update(1, "y")))
                .isEqualTo("handled");
        assertThat(handle(conditional("after.state == 'x'"), NOTES.truncate(1)))
                .isEqualTo("handled");
    }

    @Test
    void aConditionWithoutAnAnswerIsAFailureOfTheChange() {
        Conditional conditional = conditional("1 / (int(after.state) - 1) > 0");

        assertThatThrownBy(() -> handle(conditional, update(1, "1")))
                .isInstanceOf(ExpressionException.class)
                .hasMessageContaining("divide by zero");
        assertThat(handled).isEmpty();
    }

    @Test
    void f63_aRowIsReadUntilTheChangeCanBeSeen() throws Exception {
        try (PostgresServer server = PostgresServer.started()) {
            SharedServers.execute(server.url(), TABLE);
            server.execute("alter system set synchronous_standby_names = 'nosuch'");
            server.execute("select pg_reload_conf()");
            try (TestPool on = TestPool.of(server.url());
                    Connection blocked = server.open("app");
                    Statement statement = blocked.createStatement()) {
                await().until(() -> "nosuch".equals(setting(statement)));
                blocked.setAutoCommit(false);
                statement.execute("update \"Notes\" set body = 'new' where id = 1");
                int xid;
                try (var rows =
                        statement.executeQuery("select pg_current_xact_id()::xid::text::bigint")) {
                    rows.next();
                    xid = (int) rows.getLong(1);
                }
                Thread commit = Thread.ofVirtual().start(() -> commit(blocked));
                List<String> done = new CopyOnWriteArrayList<>();

                conditional("after.body == 'new'", on)
                        .handle(update(xid, "y"))
                        .subscribe()
                        .with(
                                result -> done.add(result.action()),
                                failure -> done.add(failure.toString()));
                await().until(() -> waits.get() >= 3);
                assertThat(done).isEmpty();

                server.execute("alter system reset synchronous_standby_names");
                server.execute("select pg_reload_conf()");
                await().until(() -> !done.isEmpty());
                assertThat(done).containsExactly("handled");
                assertThat(commit.join(Duration.ofSeconds(10))).isTrue();
            }
        }
    }

    private static String setting(Statement statement) throws SQLException {
        try (var rows =
                statement.executeQuery("select current_setting('synchronous_standby_names')")) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static void commit(Connection connection) {
        try {
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A default of the interface that it does not pass on would silently be taken instead. */
    @Test
    void passesOnEverything() throws NoSuchMethodException {
        for (Method method : ChangeHandler.class.getMethods()) {
            assertThat(Conditional.class.getMethod(method.getName(), method.getParameterTypes()))
                    .as("%s%s", method.getName(), Arrays.toString(method.getParameterTypes()))
                    .extracting(Method::getDeclaringClass)
                    .isEqualTo(Conditional.class);
        }
    }
}
