package dev.walmonitor.sink.http;

import dev.walmonitor.sink.SinkException;
import io.netty.channel.ConnectTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Why there was no answer, in one sentence. */
final class HttpFailure {

    private HttpFailure() {}

    /**
     * @param place host and port
     */
    static SinkException of(Throwable failure, String place, Duration timeout) {
        return switch (failure) {
            case SinkException known -> known;
            case TimeoutException e -> slow(place, timeout);
            case io.smallrye.mutiny.TimeoutException e -> slow(place, timeout);
            case ConnectTimeoutException e -> slow(place, timeout);
            case UnknownHostException e ->
                    new SinkException(place + " cannot be found: its name has no address", true);
            case SSLException e ->
                    new SinkException(
                            place + " has no TLS connection that can be trusted: " + deepest(e),
                            true);
            default ->
                    new SinkException(place + " cannot be reached, or closed the connection", true);
        };
    }

    private static SinkException slow(String place, Duration timeout) {
        return new SinkException(
                place + " did not answer within " + timeout.toMillis() + " ms", true);
    }

    private static String deepest(Throwable failure) {
        Throwable deepest = failure;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return String.valueOf(deepest.getMessage()).lines().findFirst().orElse("");
    }
}
