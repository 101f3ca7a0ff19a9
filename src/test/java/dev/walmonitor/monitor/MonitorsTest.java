package dev.walmonitor.monitor;

import static dev.walmonitor.monitor.FakePipelines.SHOP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceState;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(MonitorProfile.class)
class MonitorsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Inject FakePipelines pipelines;
    @Inject Schema schema;
    @Inject MonitorDatabase database;
    @Inject SourceRepository sources;
    @Inject WalMonitorRepository monitors;

    @BeforeEach
    void tables() {
        await().atMost(PATIENCE).until(() -> schema.state() instanceof Schema.State.Ready);
        pipelines.set(SHOP, new LogGauges(0, 0, true));
        pipelines.set(Statuses.streaming(SHOP));
    }

    @Test
    void aStreamingSourceHasItsRow() {
        pipelines.set(SHOP, new LogGauges(4096, 8192, true));
        pipelines.setSilently(
                Statuses.streaming(SHOP).committed(Instant.parse("2026-11-01T12:00:00Z")));

        eventually(row -> {
            assertThat(row.walLsn).isEqualTo("0/1000");
            assertThat(row.walPosition).isEqualTo(4096);
            assertThat(row.lastWalReceived).isEqualTo(Statuses.SINCE);
            assertThat(row.lastTransactionTime).isEqualTo("2026-11-01T12:00:00Z");
            assertThat(row.replicationSlotName).isEqualTo("shop_slot");
            assertThat(row.replicationLagBytes).isEqualTo(4096);
            assertThat(row.status).isEqualTo(MonitorStatus.ACTIVE);
            assertThat(row.errorMessage).isNull();
        });
    }

    @Test
    void aFailureIsInTheRowAndLeavesIt() {
        pipelines.set(
                Statuses.streaming(SHOP)
                        .failing(
                                SourceState.FAILED, "wal_level is replica.", "Set it to logical."));
        eventually(row -> {
            assertThat(row.status).isEqualTo(MonitorStatus.ERROR);
            assertThat(row.errorMessage).isEqualTo("wal_level is replica. Set it to logical.");
        });

        pipelines.set(Statuses.streaming(SHOP));
        eventually(row -> {
            assertThat(row.status).isNotEqualTo(MonitorStatus.ERROR);
            assertThat(row.errorMessage).isNull();
        });
    }

    @Test
    void theSourceIsKnownByItsName() {
        eventually(row -> {
            Source source = ask(() -> sources.get(SHOP)).orElseThrow();
            assertThat(source.id).isEqualTo(row.sourceId);
            assertThat(source.kind).isEqualTo("postgresql");
            assertThat(source.slot).isEqualTo("shop_slot");
        });
    }

    @Test
    void aSourceThatSomebodyDeletesIsMadeKnownAgain() {
        eventually(row -> {});
        int before = ask(() -> sources.get(SHOP)).orElseThrow().id;
        assertThat(ask(() -> Panache.withTransaction(() -> sources.deleteById(before)))).isTrue();

        pipelines.setSilently(Statuses.streaming(SHOP).committed(Instant.now()));
        eventually(row -> assertThat(row.sourceId).isGreaterThan(before));
    }

    private void eventually(Consumer<WalMonitor> assertion) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(() -> {
                    int id = ask(() -> sources.get(SHOP)).orElseThrow().id;
                    assertion.accept(ask(() -> monitors.getBySource(id)).orElseThrow());
                });
    }

    private <T> T ask(Supplier<Uni<? extends T>> question) {
        return database.ask(question).await().atMost(PATIENCE);
    }
}
