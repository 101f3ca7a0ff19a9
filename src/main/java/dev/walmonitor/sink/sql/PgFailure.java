package dev.walmonitor.sink.sql;

import dev.walmonitor.sink.SinkException;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;

/** What a failed query means, in one sentence. */
final class PgFailure {

    /**
     * Classes of SQLSTATE whose messages speak of names, rights and the server's state; those of
     * other classes may show values of rows.
     */
    private static final Set<String> SPEAKING =
            Set.of("08", "0A", "25", "28", "3D", "40", "42", "53", "55", "57");

    private static final Set<String> PASSING = Set.of("08", "40", "53", "55", "57");
    private static final String READ_ONLY = "25006";

    private PgFailure() {}

    static SinkException slow(String database, Duration timeout) {
        return new SinkException(
                "A query of " + database + " took longer than " + timeout.toMillis() + " ms", true);
    }

    /** What kept a query from being answered. */
    static SinkException of(Throwable failure, String database) {
        return of("A query of " + database, failure, false);
    }

    /**
     * What kept a statement from doing its work. A server that may not be written to now may have
     * been demoted, and another one may be found in its place soon.
     */
    static SinkException ofStatement(Throwable failure, String database) {
        return of("A statement in " + database, failure, true);
    }

    private static SinkException of(String what, Throwable failure, boolean writes) {
        return switch (failure) {
            case SinkException known -> known;
            case PgException refused -> refused(what, refused, writes);
            case IOException e -> new SinkException(what + " failed: it cannot be reached", true);
            default ->
                    new SinkException(
                            what + " failed: " + failure.getClass().getSimpleName(), true);
        };
    }

    private static SinkException refused(String what, PgException refused, boolean writes) {
        String state = refused.getSqlState();
        String kind = state == null || state.length() != 5 ? "" : state.substring(0, 2);
        String why =
                SPEAKING.contains(kind)
                        ? refused.getErrorMessage() + " (" + state + ")"
                        : "SQLSTATE " + state + constraint(refused);
        boolean passing = PASSING.contains(kind) || (writes && READ_ONLY.equals(state));
        return new SinkException(what + " failed: " + why, passing);
    }

    private static String constraint(PgException refused) {
        String name = refused.getConstraint();
        return name == null || name.isEmpty() ? "" : " of constraint " + name;
    }
}
