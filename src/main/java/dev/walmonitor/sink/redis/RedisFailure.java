package dev.walmonitor.sink.redis;

import dev.walmonitor.sink.SinkException;
import io.smallrye.mutiny.TimeoutException;
import io.vertx.core.VertxException;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.time.Duration;

/** What a failed command means, in one sentence. Redis's own words may quote keys and values. */
final class RedisFailure {

    private RedisFailure() {}

    private static SinkException slow(String server, Duration timeout) {
        return new SinkException(
                "Redis at " + server + " did not answer within " + timeout.toMillis() + " ms",
                true);
    }

    static SinkException of(Throwable failure, String server, Duration timeout) {
        return switch (failure) {
            case SinkException known -> known;
            case TimeoutException late -> slow(server, timeout);
            case IOException e ->
                    new SinkException("Redis at " + server + " cannot be reached", true);
            case Response refused -> refused(firstWord(failure), server);
            default ->
                    isOfClient(failure)
                            ? new SinkException("Redis at " + server + " cannot be reached", true)
                            : refused(firstWord(failure), server);
        };
    }

    /** What the client says of a connection that it has lost, or cannot have. */
    private static boolean isOfClient(Throwable failure) {
        return failure instanceof NoStackTraceThrowable
                || failure instanceof VertxException
                || failure.getCause() instanceof IOException;
    }

    /** The server does not know the script: it was started, or its scripts were flushed. */
    static boolean isNoScript(Throwable failure) {
        return firstWord(failure).equals("NOSCRIPT");
    }

    /**
     * Whether another connection may do better: there was no answer, whatever the reason, or the
     * server is not the one to write to any more. A connection that was lost while it was being
     * made does not tell so, but refuses whatever is sent over it.
     */
    static boolean endsConnection(Throwable failure) {
        return switch (failure) {
            case SinkException ours -> false;
            case Response refused ->
                    switch (firstWord(failure)) {
                        case "READONLY",
                                "CLUSTERDOWN",
                                "MASTERDOWN",
                                "CONNECTION_CLOSED",
                                "MOVED" ->
                                true;
                        default -> false;
                    };
            default -> true;
        };
    }

    private static SinkException refused(String code, String server) {
        String redis = "Redis at " + server + " ";
        return switch (code) {
            case "CONNECTION_CLOSED" -> new SinkException(redis + "closed the connection", true);
            case "LOADING" ->
                    new SinkException(redis + "is still loading its data from disk", true);
            case "CROSSSLOT" ->
                    new SinkException(
                            redis
                                    + "is a cluster, and a key and its fence are in different slots:"
                                    + " the key's hash tag is empty",
                            false);
            case "BUSY" -> new SinkException(redis + "is busy running a script", true);
            case "READONLY" ->
                    new SinkException(
                            redis + "is a read-only replica; REDIS_URL has to name the primary",
                            true);
            case "OOM" ->
                    new SinkException(
                            redis
                                    + "is out of memory and takes no more; raise its maxmemory or give"
                                    + " it an eviction policy",
                            true);
            case "MISCONF" ->
                    new SinkException(
                            redis + "takes no writes because it cannot save to disk", true);
            case "CLUSTERDOWN", "TRYAGAIN", "MASTERDOWN", "MOVED", "ASK" ->
                    new SinkException(redis + "is changing its primary (" + code + ")", true);
            case "NOAUTH", "WRONGPASS" ->
                    new SinkException(
                            redis + "refuses the password, or asks for one; put it in REDIS_URL",
                            false);
            case "NOPERM" ->
                    new SinkException(
                            redis + "does not allow this user the command; extend the user's ACL",
                            false);
            default -> new SinkException(redis + "refused a command (" + code + ")", false);
        };
    }

    private static String firstWord(Throwable failure) {
        String message = String.valueOf(failure.getMessage()).strip();
        int end = 0;
        while (end < message.length() && isCode(message.charAt(end))) {
            end++;
        }
        return end == 0 ? failure.getClass().getSimpleName() : message.substring(0, end);
    }

    private static boolean isCode(char c) {
        return (c >= 'A' && c <= 'Z') || c == '_';
    }
}
