package dev.walmonitor.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.Gap;
import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.TableName;
import dev.walmonitor.pipeline.WatermarkStore;
import dev.walmonitor.source.Checkpoint;
import dev.walmonitor.source.SourceProfile;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(MonitorProfile.class)
class RepositoriesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Instant NOON = Instant.parse("2026-11-01T12:00:00.123456Z");

    @Inject Schema schema;
    @Inject MonitorDatabase database;
    @Inject SourceRepository sources;
    @Inject WalMonitorRepository monitors;
    @Inject StoredWatermarks watermarks;
    @Inject Pool pool;

    @BeforeEach
    void tables() {
        await().atMost(PATIENCE).until(() -> schema.state() instanceof Schema.State.Ready);
    }

    @Test
    void theSecondUpsertGivesTheSameRowWithTheNewValues() {
        int source = source("twice");
        WalMonitor first =
                ask(() ->
                        monitors.upsertMonitor(
                                source, sighting("0/10", MonitorStatus.ERROR, "No right.")));
        WalMonitor second =
                ask(() ->
                        monitors.upsertMonitor(
                                source, sighting("FFFFFFF/FF", MonitorStatus.ACTIVE, null)));

        assertThat(second.id).isEqualTo(first.id);
        assertThat(second)
                .returns("FFFFFFF/FF", row -> row.walLsn)
                .returns(0x0FFF_FFFF_0000_00FFL, row -> row.walPosition)
                .returns(MonitorStatus.ACTIVE, row -> row.status)
                .returns(null, row -> row.errorMessage)
                .returns(NOON, row -> row.lastWalReceived)
                .returns(NOON.minusSeconds(1), row -> row.lastTransactionTime)
                .returns(first.createdAt, row -> row.createdAt);
        assertThat(second.updatedAt).isAfter(first.updatedAt);
        assertThat(second.lastCheckedAt).isAfter(first.lastCheckedAt);
    }

    @Test
    void aRowMayKnowNextToNothing() {
        int source = source("blank");
        Sighting blank =
                new Sighting(null, null, null, null, null, MonitorStatus.ERROR, "No right.");

        assertThat(ask(() -> monitors.upsertMonitor(source, blank)))
                .returns(null, row -> row.walLsn)
                .returns(null, row -> row.walPosition)
                .returns(null, row -> row.lastWalReceived)
                .returns(null, row -> row.replicationSlotName)
                .returns(null, row -> row.replicationLagBytes);
    }

    @Test
    void manyUpsertsAtOnceLeaveOneRowAndNoError() {
        int source = source("crowded");

        List<WalMonitor> rows =
                Multi.createFrom()
                        .range(0, 200)
                        .onItem()
                        .transformToUni(i ->
                                database.ask(() ->
                                        monitors.upsertMonitor(
                                                source,
                                                sighting("0/" + i, MonitorStatus.ACTIVE, null))))
                        .merge(50)
                        .collect()
                        .asList()
                        .await()
                        .atMost(PATIENCE);

        assertThat(rows).hasSize(200).extracting(row -> row.id).containsOnly(rows.getFirst().id);
        assertThat(ask(monitors::getAllMonitors))
                .filteredOn(row -> row.sourceId == source)
                .hasSize(1);
    }

    @Test
    void aStatusIsChangedAloneAndARowDeleted() {
        int source = source("patched");
        assertThat(ask(() -> monitors.updateStatus(source, MonitorStatus.IDLE, null))).isEmpty();
        WalMonitor before =
                ask(() ->
                        monitors.upsertMonitor(
                                source, sighting("0/10", MonitorStatus.ACTIVE, null)));

        WalMonitor after =
                ask(() -> monitors.updateStatus(source, MonitorStatus.ERROR, "Too far behind."))
                        .orElseThrow();
        assertThat(after.id).isEqualTo(before.id);
        assertThat(after.walLsn).isEqualTo("0/10");
        assertThat(after.status).isEqualTo(MonitorStatus.ERROR);
        assertThat(ask(() -> monitors.getBySource(source)).orElseThrow().errorMessage)
                .isEqualTo("Too far behind.");

        assertThat(ask(() -> monitors.deleteBySource(source))).isTrue();
        assertThat(ask(() -> monitors.deleteBySource(source))).isFalse();
        assertThat(ask(() -> monitors.getBySource(source))).isEmpty();
    }

    @Test
    void aRowNeedsItsSource() {
        assertThatThrownBy(() ->
                        ask(() ->
                                monitors.upsertMonitor(
                                        -1, sighting("0/10", MonitorStatus.ACTIVE, null))))
                .isInstanceOf(UnknownSourceException.class)
                .hasMessage("There is no source with the id -1");
    }

    @Test
    void aSourceKeepsItsIdAndTakesItsNewSlot() {
        Source first = ask(() -> sources.register(new SourceProfile("moved", "postgresql", "old")));
        Source second =
                ask(() -> sources.register(new SourceProfile("moved", "postgresql", "new")));

        assertThat(second.id).isEqualTo(first.id);
        assertThat(second.slot).isEqualTo("new");
        assertThat(ask(() -> sources.get("moved")).orElseThrow().id).isEqualTo(first.id);
        assertThat(ask(() -> sources.get(first.id.toString())).orElseThrow().name)
                .isEqualTo("moved");
        assertThat(ask(() -> sources.get("nobody"))).isEmpty();
    }

    @Test
    void aWatermarkIsStoredBeforeTheSourceIsKnownOtherwise() {
        store("early", "16/B374D848");

        assertThat(ask(() -> sources.get("early")).orElseThrow())
                .returns("postgresql", row -> row.kind)
                .returns("16/B374D848", row -> row.watermark);
    }

    @Test
    void aStoredWatermarkNeverGoesBack() {
        store("frozen", "7FFFFFFF/FFFFFFFF");
        store("frozen", "80000000/0");
        store("frozen", "0/10");
        store("frozen", "80000000/0");

        assertThat(ask(() -> sources.get("frozen")).orElseThrow().watermark)
                .isEqualTo("80000000/0");
    }

    @Test
    void registeringKeepsTheWatermark() {
        store("kept", "0/10");
        Source source =
                ask(() -> sources.register(new SourceProfile("kept", "postgresql", "slot")));

        assertThat(source.watermark).isEqualTo("0/10");
        assertThat(source.watermarkAt).isNotNull();
    }

    @Test
    void whatWasStoredIsLoadedAgain() {
        assertThat(load("unknown")).isEmpty();
        var _ = ask(() -> sources.register(new SourceProfile("registered", "postgresql", "slot")));
        assertThat(load("registered")).isEmpty();

        store("loaded", "80000000/10");
        assertThat(load("loaded")).contains(checkpoint(1, "80000000/10"));
    }

    @Test
    void anEpochMayBeginBeforeWhatWasStoredForTheOneBefore() {
        store("promoted", "0/2000");
        watermarks
                .begin("promoted", checkpoint(2, "0/1000"), null, Map.of())
                .await()
                .atMost(PATIENCE);

        assertThat(load("promoted")).contains(checkpoint(2, "0/1000"));
        watermarks
                .begin("promoted", checkpoint(2, "0/500"), null, Map.of())
                .await()
                .atMost(PATIENCE);
        assertThat(load("promoted"))
                .as("within an epoch nothing goes back")
                .contains(checkpoint(2, "0/1000"));
    }

    @Test
    void f21_nothingOfAnEarlierEpochIsStored() {
        watermarks.begin("taken", checkpoint(3, "0/10"), null, Map.of()).await().atMost(PATIENCE);

        assertThatThrownBy(() ->
                        watermarks.store("taken", checkpoint(2, "0/2000")).await().atMost(PATIENCE))
                .hasMessage("another instance follows source taken in a later epoch than 2");
        assertThatThrownBy(() ->
                        watermarks
                                .begin("taken", checkpoint(2, "0/2000"), null, Map.of())
                                .await()
                                .atMost(PATIENCE))
                .hasMessage("another instance follows source taken in a later epoch than 2");
        assertThat(load("taken")).contains(checkpoint(3, "0/10"));
    }

    @Test
    void aGapIsOnRecordWithWhatEachRuleDoesAboutIt() {
        Gap gap =
                new Gap(
                        Lsn.parse("0/10"),
                        Lsn.parse("0/20"),
                        "The slot was gone.",
                        Set.of(new TableName("public", "t")));
        watermarks
                .begin(
                        "gapped",
                        checkpoint(2, "0/20"),
                        gap,
                        Map.of(
                                "roles", WatermarkStore.Remedy.REBUILT,
                                "price-change", WatermarkStore.Remedy.RECORDED))
                .await()
                .atMost(PATIENCE);

        String sql =
                """
                SELECT concat_ws(' | ', g.epoch, from_position, to_position, reason, tables::text, rules::text)
                FROM wal_monitor.gap g JOIN wal_monitor.sources s ON s.id = source_id WHERE s.name = 'gapped'
                """;
        assertThat(
                        pool.query(sql)
                                .execute()
                                .await()
                                .atMost(PATIENCE)
                                .iterator()
                                .next()
                                .getString(0))
                .isEqualTo(
                        "2 | 0/10 | 0/20 | The slot was gone. | {public.t} |"
                                + " {\"roles\": \"REBUILT\", \"price-change\": \"RECORDED\"}");
    }

    private static Checkpoint checkpoint(long epoch, String lsn) {
        return new Checkpoint(new LogIdentity("7345", 1, epoch), Lsn.parse(lsn));
    }

    private Optional<Checkpoint> load(String source) {
        return watermarks.load(source).await().atMost(PATIENCE);
    }

    private void store(String source, String lsn) {
        watermarks.store(source, checkpoint(1, lsn)).await().atMost(PATIENCE);
    }

    private int source(String name) {
        return ask(() -> sources.register(new SourceProfile(name, "postgresql", null))).id;
    }

    private static Sighting sighting(String lsn, MonitorStatus status, @Nullable String error) {
        return new Sighting(Lsn.parse(lsn), NOON, NOON.minusSeconds(1), "slot", 7L, status, error);
    }

    private <T> T ask(Supplier<Uni<? extends T>> question) {
        return database.ask(question).await().atMost(PATIENCE);
    }
}
