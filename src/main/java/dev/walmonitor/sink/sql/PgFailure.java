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

    private PgFailure() {}

    static SinkException slow(String database, Duration timeout) {
        return new SinkException(
                "A query of " + database + " took longer than " + timeout.toMillis() + " ms", true);
    }

    static SinkException of(Throwable failure, String database) {
        return switch (failure) {
            case SinkException known -> known;
            case PgException refused -> refused(refused, database);
            case IOException e ->
                    new SinkException(
                            "A query of " + database + " failed: it cannot be reached", true);
            default ->
                    new SinkException(
                            "A query of "
                                    + database
                                    + " failed: "
                                    + failure.getClass().getSimpleName(),
                            true);
        };
    }

    private static SinkException refused(PgException refused, String database) {
        String state = refused.getSqlState();
        String kind = state == null || state.length() != 5 ? "" : state.substring(0, 2);
        String why =
                SPEAKING.contains(kind)
                        ? refused.getErrorMessage() + " (" + state + ")"
                        : "SQLSTATE " + state;
        return new SinkException(
                "A query of " + database + " failed: " + why, PASSING.contains(kind));
    }
}
