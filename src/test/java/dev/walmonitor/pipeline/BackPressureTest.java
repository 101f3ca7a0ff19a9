package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.postgres.replication.StreamOptions;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * A handler that is far slower than the server's patience, from a real server to the handler, and
 * nowhere to park what waits.
 */
class BackPressureTest {

    @Test
    void f22_f23_aHandlerThatSleepsCostsNoConnectionAndNoChange() {
        String url = SharedServers.freshDatabase();
        String database = DatabaseUrl.parse(url).database();
        String slot = "pressure_" + database;
        SharedServers.execute(url, "create table t (id int primary key, v text)");
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger handled = new AtomicInteger();
        Set<String> ids = ConcurrentHashMap.newKeySet();
        // the first of each lane sleeps for two and a half times the server's timeout
        ChangeHandler sleeper =
                change -> {
                    Uni<HandlerResult> result =
                            Uni.createFrom()
                                    .item(() -> {
                                        ids.add(change.id().toString());
                                        handled.incrementAndGet();
                                        return HandlerResult.NONE;
                                    });
                    return begun.incrementAndGet() <= 8
                            ? result.onItem().delayIt().by(Duration.ofSeconds(10))
                            : result;
                };
        try (RealLine line = new RealLine(url, slot, StreamOptions.DEFAULT, sleeper, null)) {
            await().until(() -> line.source.status().state() == SourceState.STREAMING);
            String walsender = walsender(database, slot);
            SharedServers.execute(
                    url,
                    "insert into t select i, repeat('x', 1000) from generate_series(1, 30000) i");
            await().pollDelay(Duration.ofSeconds(8)).until(() -> true);
            assertThat(handled).hasValueLessThan(30_000);
            assertThat(line.status().inFlight()).isLessThanOrEqualTo(30_000);
            await().atMost(Duration.ofSeconds(30)).until(() -> handled.get() >= 30_000);

            assertThat(handled).hasValue(30_000);
            assertThat(ids).hasSize(30_000);
            assertThat(line.source.status().reconnects()).isZero();
            assertThat(walsender(database, slot)).isEqualTo(walsender);
        }
        var _ =
                SharedServers.postgres()
                        .query(database, "select pg_drop_replication_slot('" + slot + "')");
    }

    private static String walsender(String database, String slot) {
        return String.valueOf(
                SharedServers.postgres()
                        .query(
                                database,
                                "select active_pid from pg_replication_slots where slot_name = '"
                                        + slot
                                        + "'"));
    }
}
