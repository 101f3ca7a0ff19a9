package dev.walmonitor.monitor;

import static dev.walmonitor.monitor.FakePipelines.SHOP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.monitor.Resolutions.Choice;
import dev.walmonitor.monitor.StatusHistory.Turn;
import dev.walmonitor.monitor.WalMetrics.Point;
import dev.walmonitor.monitor.WalMetrics.Sample;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceProfile;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is kept of how sources came along: rows, their sums, changes of status. */
@QuarkusTest
@TestProfile(MonitorProfile.class)
class WalMetricsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Instant NOON = Instant.parse("2020-01-01T12:00:00Z");

    @Inject Schema schema;
    @Inject MonitorDatabase database;
    @Inject SourceRepository sources;
    @Inject WalMonitorRepository monitors;
    @Inject FakePipelines pipelines;
    @Inject StatusHistory history;
    @Inject StaleMonitors stale;
    @Inject MeterRegistry registry;
    @Inject Pool pool;

    private WalMetrics metrics;

    @BeforeEach
    void tables() {
        await().atMost(PATIENCE).until(() -> schema.state() instanceof Schema.State.Ready);
        Resolutions resolutions =
                new Resolutions(new ResolutionsTest.Config(Duration.ofSeconds(10)));
        metrics = new WalMetrics(pool, database, resolutions);
    }

    @Test
    void aSourceHasARowAnIntervalWithItsRates() {
        int id = source("rated");
        append("rated", 0, 1000L, 50L, null);
        append("rated", 9, 9999L, 99L, 9.0);
        append("rated", 10, 1500L, null, 2.5);
        append("rated", 20, 1400L, 10L, 0.0);
        append("rated", 1000, 9000L, 10L, 0.0);

        assertThat(read(id, new Choice(10, 10)))
                .containsExactly(
                        new Point(NOON, 1000L, 50L, 50L, 7L, null, null),
                        new Point(NOON.plusSeconds(10), 1500L, null, null, 7L, 50.0, 2.5),
                        // the position went back: nothing is known of how fast it came along
                        new Point(NOON.plusSeconds(20), 1400L, 10L, 10L, 7L, null, 0.0),
                        // the row before is too old to tell
                        new Point(NOON.plusSeconds(1000), 9000L, 10L, 10L, 7L, null, 0.0));
    }

    @Test
    void positionsOfAllBitsAreNoFault() {
        int id = source("wide");
        append("wide", 0, Long.MIN_VALUE, 0L, null);
        append("wide", 10, Long.MAX_VALUE, 0L, null);

        assertThat(read(id, new Choice(10, 10)))
                .extracting(Point::walBytesPerSecond)
                .containsExactly(null, Math.pow(2, 64) / 10);
    }

    @Test
    void rowsAreSummedUpByMinuteAndByHourAndAgainWhenMoreCame() {
        int id = source("summed");
        append("summed", 0, 1000L, 10L, 1.0);
        append("summed", 50, 2000L, 31L, 2.0);
        append("summed", 60, 3000L, 5L, 6.0);
        run(metrics.sumUp());

        Point first = new Point(NOON, 2000L, 21L, 31L, 7L, 20.0, 1.5);
        Point second = new Point(NOON.plusSeconds(60), 3000L, 5L, 5L, 7L, 100.0, 6.0);
        assertThat(read(id, new Choice(60, 60))).containsExactly(first, second);
        assertThat(read(id, new Choice(3600, 3600)))
                .containsExactly(new Point(NOON, 3000L, 13L, 31L, 7L, 60.0, 3.75));

        append("summed", 110, 3500L, 15L, 8.0);
        run(metrics.sumUp());
        assertThat(read(id, new Choice(60, 60)))
                .containsExactly(
                        first, new Point(NOON.plusSeconds(60), 3500L, 10L, 15L, 7L, 55.0, 7.0));
        assertThat(read(id, new Choice(60, 120)))
                .extracting(Point::lagBytesMax)
                .containsExactly(31L);
    }

    @Test
    void whatIsTooOldIsRemovedTheFinestFirst() {
        int id = source("pruned");
        append("pruned", 0, 1000L, 10L, 1.0);
        run(metrics.sumUp());

        assertThat(run(metrics.prune(NOON.plusSeconds(86_400)))).isZero();
        assertThat(rows(id)).isEqualTo("10,60,3600");
        assertThat(run(metrics.prune(NOON.plusSeconds(86_401)))).isPositive();
        assertThat(rows(id)).isEqualTo("60,3600");
        var _ = run(metrics.prune(NOON.plus(Duration.ofDays(15))));
        assertThat(rows(id)).isEqualTo("3600");
        var _ = run(metrics.prune(NOON.plus(Duration.ofDays(401))));
        assertThat(rows(id)).isEqualTo("");
    }

    @Test
    void sourcesOfOthersHaveRowsWhileTheyAreChecked() {
        int id = source("foreign");
        upsert(id, MonitorStatus.ACTIVE);
        run(metrics.appendOthers(NOON, List.of("nobody")));
        run(metrics.appendOthers(NOON.plusSeconds(10), List.of("foreign")));
        age(id, 11);
        run(metrics.appendOthers(NOON.plusSeconds(20), List.of("nobody")));

        assertThat(read(id, new Choice(10, 10)))
                .containsExactly(new Point(NOON, 16L, 7L, 7L, null, null, null));
    }

    @Test
    void theServiceWritesItsOwnSourcesDownAndCountsTheRows() {
        pipelines.set(SHOP, new LogGauges(4096, 8192, true));
        pipelines.set(Statuses.streaming(SHOP));

        await().atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(() -> {
                    int id = ask(() -> sources.get(SHOP)).orElseThrow().id;
                    assertThat(
                                    metrics.read(
                                                    id,
                                                    new Choice(1, 1),
                                                    Instant.now().minusSeconds(30),
                                                    Instant.now())
                                            .await()
                                            .atMost(PATIENCE))
                            .anySatisfy(point -> {
                                assertThat(point.position()).isEqualTo(4096);
                                assertThat(point.lagBytes()).isEqualTo(4096);
                                assertThat(point.retainedBytes()).isEqualTo(8192);
                                assertThat(point.changesPerSecond()).isZero();
                            });
                    assertThat(
                                    registry.get("wal_monitor_sources")
                                            .tag("status", "ACTIVE")
                                            .gauge()
                                            .value())
                            .isPositive();
                });
    }

    @Test
    void everyChangeOfAStatusIsKeptAndNothingElse() {
        int id = source("turning");
        upsert(id, MonitorStatus.ACTIVE);
        upsert(id, MonitorStatus.ACTIVE);
        upsert(id, MonitorStatus.ERROR);
        var _ = ask(() -> monitors.updateStatus(id, MonitorStatus.IDLE, null));
        var _ = ask(() -> monitors.deleteBySource(id));
        upsert(id, MonitorStatus.ACTIVE);

        List<Turn> turns = run(history.list(id, Long.MAX_VALUE, 10));
        assertThat(turns)
                .extracting(turn ->
                        turn.before() + " " + turn.status() + " " + turn.error() + " " + turn.lsn())
                .containsExactly(
                        "null ACTIVE null 0/10",
                        "ERROR IDLE null 0/10",
                        "ACTIVE ERROR No right. 0/10",
                        "null ACTIVE null 0/10");
        assertThat(run(history.list(id, turns.get(2).id(), 10))).containsExactly(turns.get(3));
        execute(
                "UPDATE wal_monitor.wal_monitor_history SET at = now() - interval '2 days' WHERE source_id = "
                        + id);
        assertThat(run(history.prune(Duration.ofDays(1)))).isGreaterThanOrEqualTo(4);
        assertThat(run(history.list(id, Long.MAX_VALUE, 10))).isEmpty();
    }

    @Test
    void rowsThatNobodyChecksAreRemovedButForThoseThatStay() {
        int id = source("stale");
        int kept = source("stale-kept");
        int fresh = source("fresh");
        for (int each : new int[] {id, kept, fresh}) {
            upsert(each, MonitorStatus.ACTIVE);
        }
        age(id, 100_000);
        age(kept, 100_000);

        assertThat(run(stale.remove(Duration.ofDays(1), List.of("stale-kept"))))
                .containsExactly("stale");
        assertThat(ask(() -> monitors.getBySource(id))).isEmpty();
        assertThat(ask(() -> monitors.getBySource(kept))).isPresent();
        assertThat(ask(() -> monitors.getBySource(fresh))).isPresent();
        assertThat(run(stale.remove(Duration.ofDays(1), List.of()))).containsExactly("stale-kept");
    }

    private void append(
            String source,
            int second,
            @Nullable Long position,
            @Nullable Long lag,
            @Nullable Double changes) {
        run(
                metrics.append(
                        NOON.plusSeconds(second),
                        List.of(new Sample(source, position, lag, 7L, changes))));
    }

    private List<Point> read(int id, Choice choice) {
        return run(metrics.read(id, choice, NOON, NOON.plusSeconds(4000)));
    }

    private String rows(int id) {
        String sql =
                "SELECT coalesce(string_agg(resolution::text, ',' ORDER BY resolution), '')"
                        + " FROM wal_monitor.wal_metrics WHERE source_id = "
                        + id;
        return run(pool.query(sql).execute()).iterator().next().getString(0);
    }

    private void upsert(int source, MonitorStatus status) {
        String error = status == MonitorStatus.ERROR ? "No right." : null;
        Sighting sighting = new Sighting(Lsn.parse("0/10"), null, null, null, 7L, status, error);
        var _ = ask(() -> monitors.upsertMonitor(source, sighting));
    }

    private void age(int source, int seconds) {
        execute(
                "UPDATE wal_monitor.wal_monitor SET last_checked_at = now() - make_interval(secs => "
                        + seconds
                        + ") WHERE source_id = "
                        + source);
    }

    private void execute(String sql) {
        var _ = run(pool.query(sql).execute());
    }

    private int source(String name) {
        return ask(() -> sources.register(new SourceProfile(name, "postgresql", null))).id;
    }

    private <T> T ask(Supplier<Uni<? extends T>> question) {
        return database.ask(question).await().atMost(PATIENCE);
    }

    private static <T> T run(Uni<T> work) {
        return work.await().atMost(PATIENCE);
    }
}
