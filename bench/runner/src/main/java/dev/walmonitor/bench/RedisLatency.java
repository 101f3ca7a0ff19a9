package dev.walmonitor.bench;

import dev.walmonitor.bench.consumer.Outcome;
import dev.walmonitor.embedded.MeasuredPostgres;
import dev.walmonitor.embedded.MeasuredRedis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * From a commit to the row in Redis: the packaged service with one rule that caches rows, fence and
 * all.
 */
record RedisLatency(
        MeasuredPostgres server, Quiet quiet, Path jar, Path logs, Latency.Times times) {
    static final String ID = "redis";
    static final String LABEL = "packaged service, until the row is in Redis";

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final String RULES =
            """
            wal-monitor:
              rules:
                rows:
                  tables: public.lat
                  cache: { key: "lat:{id}", value: row }
            """;

    Latencies run(int rate) throws Exception {
        quiet.await();
        server.run("truncate lat", "checkpoint");
        Map<String, Long> written = new ConcurrentHashMap<>();
        try (MeasuredRedis redis = MeasuredRedis.started();
                Service service =
                        Service.started(
                                jar,
                                logs.resolve(ID),
                                Map.of("DATABASE_URL", server.url(), "REDIS_URL", redis.address()),
                                RULES);
                var _ =
                        RedisMonitor.of(
                                redis.portNumber(),
                                "lat:",
                                (micros, id, row) -> written.putIfAbsent(id, micros))) {
            Load load = new Load(server, rate);
            load.run(times.warm());
            double cpu = service.cpu();
            long from = Outcome.now();
            load.run(times.measured());
            double cores = (service.cpu() - cpu) * 1000 / times.measured().toMillis();
            long[] latencies = latencies(written, from);
            return Latencies.of(latencies, times.measured(), cores, service.peakMemory());
        } finally {
            Slots.drop(server, "wal_monitor");
        }
    }

    /** Of the rows that were made since, when all of them have arrived. */
    private long[] latencies(Map<String, Long> written, long from) throws Exception {
        String commits =
                "select id || ' ' || (extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000000)::int8"
                        + " from lat where stamp >= "
                        + from;
        List<Long> latencies = new ArrayList<>();
        for (String row : server.column(commits)) {
            String[] fields = row.split(" ");
            latencies.add(arrival(written, fields[0]) - Long.parseLong(fields[1]));
        }
        return latencies.stream().mapToLong(Long::longValue).toArray();
    }

    private static long arrival(Map<String, Long> written, String id) throws InterruptedException {
        long until = System.nanoTime() + LIMIT.toNanos();
        Long arrival = written.get(id);
        while (arrival == null) {
            if (System.nanoTime() > until) {
                throw new ConsumerFailed(
                        "had not cached row " + id + " " + LIMIT.toSeconds() + " s after the last");
            }
            Thread.sleep(10);
            arrival = written.get(id);
        }
        return arrival;
    }
}
