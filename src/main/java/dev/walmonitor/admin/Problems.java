package dev.walmonitor.admin;

import dev.walmonitor.monitor.MonitorDatabaseException;
import dev.walmonitor.pipeline.PipelineStatus;
import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.source.Blocked;
import dev.walmonitor.source.SourceState;
import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.net.URI;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jspecify.annotations.Nullable;

/** The errors of the API as RFC 9457 problems, each with a type that stays. */
final class Problems {
    static final String NOT_HERE = "not-here";
    private static final String TYPES = "urn:wal-monitor:problem:";

    static HttpProblem unknownSource(String source) {
        return problem(
                "unknown-source",
                "Unknown source",
                Status.NOT_FOUND,
                "There is no source \""
                        + source
                        + "\"; /api/v1/sources lists those that there are.");
    }

    static HttpProblem noMonitor(String source) {
        return problem(
                "no-monitor",
                "Nothing known yet",
                Status.NOT_FOUND,
                "The source \""
                        + source
                        + "\" has no monitor row: nothing was written of it yet, or the row was deleted.");
    }

    /** Its row is ours to write, or its whole record. */
    static HttpProblem configured(String source) {
        return problem(
                "configured-source",
                "Watched by WAL Monitor itself",
                Status.CONFLICT,
                "The source \""
                        + source
                        + "\" is one of the configuration: WAL Monitor writes what is known of it, and nobody else"
                        + " may.");
    }

    static HttpProblem unknownRule(String rule) {
        return unknownKey("There is no cache rule \"" + rule + "\".");
    }

    static HttpProblem noRule(String rule) {
        return problem(
                "unknown-rule",
                "Unknown rule",
                Status.NOT_FOUND,
                "There is no rule \"" + rule + "\"; /api/v1/rules lists those that there are.");
    }

    /** What an instance does that does not read the source would not reach the one that does. */
    static void demandHere(Pipelines pipelines, String source) {
        boolean elsewhere =
                pipelines.statuses().stream()
                        .map(PipelineStatus::source)
                        .anyMatch(status ->
                                status.source().equals(source)
                                        && status.state() == SourceState.STANDBY);
        if (elsewhere) {
            throw builder(
                            NOT_HERE,
                            "Not known here",
                            Status.SERVICE_UNAVAILABLE,
                            "Another instance reads the source \"" + source + "\"; ask that one.")
                    .with("source", source)
                    .with("state", SourceState.STANDBY.name())
                    .build();
        }
    }

    /** Whether it says that another instance has the source of its parameter {@code source}. */
    static boolean isElsewhere(HttpProblem problem) {
        return URI.create(TYPES + NOT_HERE).equals(problem.getType())
                && SourceState.STANDBY.name().equals(problem.getParameters().get("state"));
    }

    static HttpProblem unknownKey(String detail) {
        return problem("unknown-cache", "Unknown rule or key", Status.NOT_FOUND, detail);
    }

    static HttpProblem leaseEnded() {
        return problem(
                "lease-ended",
                "The lease has ended",
                Status.CONFLICT,
                "A change of the row came in between, or the lease was too old: read the row again.");
    }

    /**
     * The source does not do it, and nothing was changed.
     *
     * @param blocked what the source cannot read past; null if nothing is known
     */
    static HttpProblem refused(String detail, @Nullable String remedy, @Nullable Blocked blocked) {
        HttpProblem.Builder problem = builder("refused", "Refused", Status.CONFLICT, detail);
        if (remedy != null) {
            problem = problem.with("remedy", remedy);
        }
        return (blocked == null ? problem : problem.with("blocked", BlockedView.of(blocked)))
                .build();
    }

    static HttpProblem badRequest(String detail) {
        return problem("bad-request", "Bad request", Status.BAD_REQUEST, detail);
    }

    /**
     * A parameter, or a member of a body, that cannot be.
     *
     * @param detail a sentence without its full stop
     */
    static HttpProblem badParameter(String name, String detail) {
        return problem("bad-parameter", "Bad parameter " + name, Status.BAD_REQUEST, detail + ".");
    }

    static HttpProblem notArchived(String source, String table) {
        return problem(
                "not-archived",
                "Not archived",
                Status.NOT_FOUND,
                "Nothing is known of "
                        + table
                        + " of source \""
                        + source
                        + "\", as no rule archives it. Add one: history: { tables: "
                        + table
                        + ", archive: { retention: 30d } }");
    }

    @ServerExceptionMapper
    public Response redisAway(SinkException failure) {
        return problem(
                        "sink",
                        "Something outside does not answer",
                        Status.SERVICE_UNAVAILABLE,
                        failure.getMessage() + ".")
                .toResponse();
    }

    @ServerExceptionMapper
    public Response databaseAway(MonitorDatabaseException failure) {
        return problem(
                        "monitor-database",
                        "The monitor database does not answer",
                        Status.SERVICE_UNAVAILABLE,
                        failure.fault().message())
                .toResponse();
    }

    private static HttpProblem problem(String type, String title, Status status, String detail) {
        return builder(type, title, status, detail).build();
    }

    /** To which more may be added. */
    static HttpProblem.Builder builder(String type, String title, Status status, String detail) {
        return HttpProblem.builder()
                .withType(URI.create(TYPES + type))
                .withTitle(title)
                .withStatus(status)
                .withDetail(detail);
    }
}
