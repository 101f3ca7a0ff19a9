package dev.walmonitor.bench;

import dev.walmonitor.bench.consumer.Outcome;
import dev.walmonitor.embedded.MeasuredRedis;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;

/** Many updates of cached tables at once: how little is refreshed, and how soon all is right. */
record Burst(Packaged packaged, CachedTables tables, int updates) {
    static final String SUITE = "burst";

    private static final int UPDATES = 100_000;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** Of the packaged service; a run is of whole transactions. */
    static Burst of(Packaged packaged, double scale) {
        return new Burst(
                packaged, new CachedTables(packaged.server()), (int) (UPDATES * scale) / 10 * 10);
    }

    /** What is known while the service runs. */
    private record Seen(
            long updates, long began, long committed, KeyWrites writes, double cpu, long memory) {

        double cores() {
            return cpu * 1e6 / (writes.settled() - began);
        }
    }

    BurstRun run() throws Exception {
        tables.prepare();
        Recording recording = Recording.in(packaged.directory(SUITE));
        packaged.clear();
        try (MeasuredRedis redis = MeasuredRedis.started()) {
            return measured(seen(redis, recording), recording);
        } finally {
            packaged.clear();
        }
    }

    private Seen seen(MeasuredRedis redis, Recording recording) throws Exception {
        KeyWrites writes = new KeyWrites();
        try (var _ = RedisMonitor.of(redis.portNumber(), CachedTables.PREFIX, writes);
                Service service = packaged.started(SUITE, redis, recording, CachedTables.rules())) {
            tables.update(updates / 10);
            awaitCovered(service);
            long before = tables.updates();
            double cpu = service.cpu();
            writes.countFromHere();
            long began = Outcome.now();
            tables.update(updates);
            awaitCovered(service);
            assertFresh(redis);
            return new Seen(
                    tables.updates() - before,
                    began,
                    tables.lastCommit(),
                    writes,
                    service.cpu() - cpu,
                    service.peakMemory());
        }
    }

    private static void awaitCovered(Service service) throws Exception {
        for (String rule : CachedTables.names()) {
            service.doors().awaitBarrier(rule, LIMIT);
        }
    }

    private void assertFresh(MeasuredRedis redis) throws Exception {
        try (RedisValues values = RedisValues.of(redis.portNumber())) {
            for (String table : CachedTables.names()) {
                if (!tables.isFresh(table, values.get(CachedTables.PREFIX + table))) {
                    throw new ConsumerFailed("has cached another value than that of " + table);
                }
            }
        }
    }

    private static BurstRun measured(Seen seen, Recording recording) throws IOException {
        long settled = Math.max(seen.writes().settled(), seen.committed());
        List<RecordedEvent> refreshes =
                recording.events(Recording.REFRESH, instant(seen.began()), instant(settled));
        double longest =
                refreshes.stream()
                        .collect(
                                Collectors.groupingBy(
                                        refresh -> refresh.getString("rule"),
                                        Collectors.summingDouble(Burst::seconds)))
                        .values()
                        .stream()
                        .mapToDouble(Double::doubleValue)
                        .max()
                        .orElse(0);
        double mean = refreshes.stream().mapToDouble(Burst::seconds).average().orElse(0);
        return new BurstRun(
                seen.updates(),
                Duration.of(seen.committed() - seen.began(), ChronoUnit.MICROS),
                Duration.of(settled - seen.committed(), ChronoUnit.MICROS),
                seen.writes().count(),
                seen.writes().most(),
                longest * 1e6 / (settled - seen.began()),
                Duration.ofNanos((long) (mean * 1e9)),
                seen.cores(),
                seen.memory());
    }

    private static double seconds(RecordedEvent refresh) {
        return refresh.getDuration().toNanos() / 1e9;
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
