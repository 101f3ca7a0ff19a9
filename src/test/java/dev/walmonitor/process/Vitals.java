package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What a service process takes of its machine at a moment, on Linux.
 *
 * @param seconds since the beginning
 * @param heap bytes in use right after a full collection
 * @param direct bytes of buffers outside of the heap, Netty's included
 * @param rss bytes of the process in memory
 * @param lag bytes of log that was written and is not confirmed
 */
record Vitals(
        double seconds, long heap, long direct, long rss, long threads, long handles, long lag) {
    static final String HEADINGS =
            "seconds,heap_bytes,direct_bytes,rss_bytes,threads,file_handles,lag_bytes";

    /** One connection for all looks: a new one each time would be a handle of the service each. */
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    /** Has the garbage of the service collected, and looks. */
    static Vitals of(ServiceProcess service, double seconds) throws Exception {
        collect(service.pid());
        String metrics = metrics(service);
        Path proc = Path.of("/proc", String.valueOf(service.pid()));
        List<String> status = Files.readAllLines(proc.resolve("status"));
        return new Vitals(
                seconds,
                sum(metrics, "jvm_memory_used_bytes{area=\"heap\""),
                sum(metrics, "jvm_buffer_memory_used_bytes{id=\"direct\"")
                        + sum(
                                metrics,
                                "netty_allocator_memory_used{allocator_type=\"PooledByteBufAllocator\",id="),
                1024 * number(status, "VmRSS:"),
                number(status, "Threads:"),
                count(proc.resolve("fd")),
                sum(metrics, "wal_monitor_replication_lag_bytes{"));
    }

    private static String metrics(ServiceProcess service) throws Exception {
        URI at = URI.create(service.address().get("WAL_MONITOR_METRICS_URL") + "/q/metrics");
        return CLIENT.send(HttpRequest.newBuilder(at).build(), BodyHandlers.ofString()).body();
    }

    private static void collect(long pid) throws Exception {
        Process jcmd =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                String.valueOf(pid),
                                "GC.run")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(jcmd.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(jcmd.exitValue()).isZero();
    }

    /** Of all meters whose line begins so; what is not known counts as nothing. */
    private static long sum(String metrics, String start) {
        return (long)
                metrics.lines()
                        .filter(line -> line.startsWith(start))
                        .mapToDouble(
                                line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                        .filter(value -> !Double.isNaN(value))
                        .sum();
    }

    private static long number(List<String> status, String name) {
        return status.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow();
    }

    private static long count(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.count();
        }
    }

    /** A line under {@link #HEADINGS}. */
    String csv() {
        return String.format(
                Locale.ROOT,
                "%.1f,%d,%d,%d,%d,%d,%d",
                seconds,
                heap,
                direct,
                rss,
                threads,
                handles,
                lag);
    }
}
