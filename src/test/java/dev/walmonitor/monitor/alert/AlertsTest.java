package dev.walmonitor.monitor.alert;

import static dev.walmonitor.monitor.FakePipelines.SHOP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.handler.Caches;
import dev.walmonitor.monitor.FakePipelines;
import dev.walmonitor.monitor.LagSamples;
import dev.walmonitor.monitor.MonitorDatabase;
import dev.walmonitor.monitor.MonitorProfile;
import dev.walmonitor.monitor.Schema;
import dev.walmonitor.monitor.Statuses;
import dev.walmonitor.monitor.alert.AlertTable.Alert;
import dev.walmonitor.monitor.alert.AlertTable.Wanted;
import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Reach;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceState;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rounds on the real table, told by channels of the test. */
@QuarkusTest
@TestProfile(MonitorProfile.class)
class AlertsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** A room, which may be closed. */
    private static final class Room implements Channel {
        private final String name;
        private final boolean forPeople;
        private final List<String> told = new ArrayList<>();
        private boolean closed;

        private Room(String name, boolean forPeople) {
            this.name = name;
            this.forPeople = forPeople;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Reach reach(Recipient to) {
            if (!forPeople) {
                return Reach.Room.ROOM;
            }
            return to.email() == null ? new Reach.Nowhere("no address") : Reach.Account.ACCOUNT;
        }

        @Override
        public Uni<Void> send(Message message) {
            if (closed) {
                return Uni.createFrom().failure(new SinkException("It is closed", true));
            }
            told.add(message.to().label() + "|" + message.title() + "|" + message.body());
            return Uni.createFrom().voidItem();
        }
    }

    @Inject FakePipelines pipelines;
    @Inject LagSamples lags;
    @Inject Caches caches;
    @Inject AlertTable table;
    @Inject MonitorDatabase database;
    @Inject Schema schema;
    @Inject Pool pool;

    private final Room room = new Room("room", false);
    private final Room mail = new Room("mail", true);
    private final Set<AlertKey> seen = new HashSet<>();
    private Instant now = Statuses.SINCE;
    private Rounds rounds = rounds();

    private Rounds rounds() {
        Settings settings =
                Settings.DEFAULT.told(List.of("room", "mail"), List.of("ops@example.org"));
        return new Rounds(
                pipelines,
                lags,
                source -> null,
                caches,
                table,
                new Crier(List.of(room, mail), settings),
                active -> {
                    seen.clear();
                    seen.addAll(active);
                },
                () -> now,
                settings);
    }

    @BeforeEach
    void nothingIsWrong() {
        await().atMost(PATIENCE).until(() -> schema.state() instanceof Schema.State.Ready);
        rounds = rounds();
        pipelines.stopRules();
        pipelines.set(SHOP, new LogGauges(0, 0, true));
        pipelines.set(Statuses.streaming(SHOP));
        await().atMost(PATIENCE).until(() -> lags.latest(SHOP) != null);
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(
                                        number(
                                                "SELECT count(*) FROM wal_monitor.wal_monitor WHERE status = 'ERROR'"
                                                        + " AND source_id = (SELECT id FROM wal_monitor.sources WHERE name = 'shop')"))
                                .isZero());
        execute("DELETE FROM wal_monitor.alert");
        execute("DELETE FROM wal_monitor.wal_monitor WHERE status = 'ERROR'");
    }

    @AfterEach
    void streaming() {
        pipelines.set(Statuses.streaming(SHOP));
    }

    @Test
    void anAlertIsToldOnceWhenItBeginsAndOnceWhenItIsOver() {
        lag(3L << 30);
        round();
        assertThat(room.told).isEmpty();
        now = now.plusSeconds(30);
        round();

        String begun =
                "|Alert: Replication lag, source shop|The source \"shop\" is 3.0 GiB behind: so much log was written and"
                        + " is not confirmed.\nSee in GET /api/v1/rules which rule has the most in memory or parked, and"
                        + " mend or pause what it calls.";
        assertThat(room.told).containsExactly(begun);
        assertThat(mail.told).containsExactly("ops@example.org" + begun);
        assertThat(seen).containsExactly(new AlertKey(SHOP, AlertKind.LAG, ""));

        now = now.plusSeconds(30);
        round();
        rounds = rounds(); // as after a restart
        round();
        now = now.plusSeconds(30);
        round();
        assertThat(room.told).as("not again").hasSize(1);

        lag(0);
        round();
        now = now.plusSeconds(30);
        round();
        round();
        Alert alert = alerts(Wanted.ALL).getFirst();
        assertThat(room.told)
                .containsExactly(
                        begun,
                        "|Over: Replication lag, source shop|It was so from "
                                + alert.raisedAt()
                                + " to "
                                + alert.clearedAt()
                                + ": The source \"shop\" is 3.0 GiB behind: so much log was written and is not"
                                + " confirmed.");
        assertThat(mail.told).hasSize(2);
        assertThat(seen).isEmpty();
        assertThat(alerts(Wanted.ACTIVE)).isEmpty();
        assertThat(alerts(Wanted.CLEARED)).hasSize(1);

        lag(3L << 30);
        round();
        now = now.plusSeconds(30);
        round();
        assertThat(room.told).as("it began again").hasSize(3);
    }

    @Test
    void theRowOfAnotherListenerThatTurnsToErrorIsTold() {
        execute(
                "INSERT INTO wal_monitor.sources (name, kind) VALUES ('alerting', 'postgresql') ON CONFLICT DO NOTHING");
        execute(
                "INSERT INTO wal_monitor.wal_monitor (source_id, status, error_message)"
                        + " SELECT id, 'ERROR', 'Slot lost.' FROM wal_monitor.sources WHERE name = 'alerting'");
        round();

        assertThat(room.told)
                .containsExactly(
                        "|Alert: Monitor row in ERROR, source alerting|The monitor row of the source \"alerting\" says"
                                + " ERROR: Slot lost.\nLook at the listener of this source; GET"
                                + " /api/v1/wal-monitor/sources/alerting tells what it said last.");

        execute("DELETE FROM wal_monitor.sources WHERE name = 'alerting'");
        round();
        now = now.plusSeconds(30);
        round();
        assertThat(room.told).hasSize(2);
    }

    @Test
    void whoCouldNotBeToldIsToldLaterAndNobodyTwice() {
        mail.closed = true;
        lag(3L << 30);
        round();
        now = now.plusSeconds(30);
        round();
        round();
        assertThat(room.told).hasSize(1);
        assertThat(alerts(Wanted.ACTIVE)).extracting(Alert::raiseToldAt).containsNull();

        mail.closed = false;
        execute("UPDATE wal_monitor.alert SET due_at = now()");
        round();
        assertThat(room.told).hasSize(1);
        assertThat(mail.told).hasSize(1);
        assertThat(alerts(Wanted.ACTIVE)).extracting(Alert::raiseToldAt).doesNotContainNull();
    }

    @Test
    void whatCameAndWentWhileNobodyCouldBeToldIsNotTold() {
        room.closed = true;
        mail.closed = true;
        lag(3L << 30);
        round();
        now = now.plusSeconds(30);
        round();
        lag(0);
        round();
        now = now.plusSeconds(30);
        round();
        room.closed = false;
        mail.closed = false;
        execute("UPDATE wal_monitor.alert SET due_at = now()");
        round();

        assertThat(room.told).isEmpty();
        assertThat(alerts(Wanted.CLEARED)).hasSize(1);
    }

    @Test
    void twoInstancesTellItOnce() {
        Rounds other = rounds();
        lag(3L << 30);
        round();
        other.round().await().atMost(PATIENCE);
        now = now.plusSeconds(30);
        Uni.join()
                .all(rounds.round(), other.round())
                .andFailFast()
                .replaceWithVoid()
                .await()
                .atMost(PATIENCE);

        assertThat(room.told).hasSize(1);
        assertThat(alerts(Wanted.ALL)).hasSize(1);
    }

    @Test
    void anInstanceOnStandbyLeavesTheSourceToTheOther() {
        lag(3L << 30);
        round();
        now = now.plusSeconds(30);
        round();
        assertThat(alerts(Wanted.ACTIVE)).hasSize(1);

        lag(0);
        pipelines.setSilently(
                Statuses.streaming(SHOP).failing(SourceState.STANDBY, "Another holds it.", null));
        round();
        now = now.plusSeconds(60);
        round();
        assertThat(alerts(Wanted.ACTIVE)).hasSize(1);
    }

    @Test
    void whatIsSwitchedOffIsNotTold() {
        lag(3L << 30);
        rounds =
                new Rounds(
                        pipelines,
                        lags,
                        source -> null,
                        caches,
                        table,
                        new Crier(List.of(room), Settings.DEFAULT),
                        active -> {},
                        () -> now,
                        Settings.DEFAULT.without("lag"));
        round();
        now = now.plusSeconds(30);
        round();
        assertThat(alerts(Wanted.ALL)).isEmpty();
    }

    @Test
    void aChannelThatTellsNobodyIsAFault() {
        assertThat(new Crier(List.of(room, mail), Settings.DEFAULT).faults())
                .containsExactly(
                        "wal-monitor.alerts.channels: there is no channel \"log\"; there are mail, room.");
        assertThat(
                        new Crier(List.of(mail), Settings.DEFAULT.told(List.of("mail"), List.of()))
                                .faults())
                .containsExactly(
                        "wal-monitor.alerts.channels: mail writes to people; name them in wal-monitor.alerts.to.");
    }

    @Test
    void whatWasOverLongAgoIsForgotten() {
        lag(3L << 30);
        round();
        now = now.plusSeconds(30);
        round();
        execute("UPDATE wal_monitor.alert SET cleared_at = now() - interval '2 days'");

        assertThat(table.prune(Duration.ofDays(3)).await().atMost(PATIENCE)).isZero();
        assertThat(table.prune(Duration.ofDays(1)).await().atMost(PATIENCE)).isOne();
    }

    private void lag(long bytes) {
        pipelines.set(SHOP, new LogGauges(bytes, bytes, true));
        await().atMost(PATIENCE)
                .until(() -> {
                    LogGauges latest = lags.latest(SHOP);
                    return latest != null && latest.lagBytes() == bytes;
                });
    }

    private void round() {
        rounds.round().await().atMost(PATIENCE);
    }

    private List<Alert> alerts(Wanted wanted) {
        return table.list(null, wanted, Long.MAX_VALUE, 10).await().atMost(PATIENCE);
    }

    private void execute(String sql) {
        var _ = pool.query(sql).execute().await().atMost(PATIENCE);
    }

    private long number(String sql) {
        return pool.query(sql).execute().await().atMost(PATIENCE).iterator().next().getLong(0);
    }
}
