package dev.walmonitor.sink.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer; owned by the event loop on which the request was made, and where
 * {@link #send} is called: anywhere else the answer may be over before anybody listens. The answer
 * counts once its head is there: of the body no more than {@link #LONGEST_BODY} is read, and for no
 * longer than the time-out, then the connection is closed.
 */
final class Exchange {
    static final int LONGEST_BODY = 64 * 1024;

    private final Vertx vertx;
    private final HttpClientRequest request;
    private final Duration timeout;
    private final Promise<HttpSink.Answer> done = Promise.promise();
    private final Buffer body = Buffer.buffer();
    private @Nullable HttpClientResponse head;

    Exchange(Vertx vertx, HttpClientRequest request, Duration timeout) {
        this.vertx = vertx;
        this.request = request;
        this.timeout = timeout;
    }

    Future<HttpSink.Answer> send(Buffer text) {
        long timer = vertx.setTimer(Math.max(1, timeout.toMillis()), id -> stop());
        request.send(text).onSuccess(this::read).onFailure(done::tryFail);
        return done.future().onComplete(answer -> vertx.cancelTimer(timer));
    }

    private void read(HttpClientResponse response) {
        head = response;
        response.exceptionHandler(failure -> done.tryComplete(answer(response)));
        response.endHandler(end -> done.tryComplete(answer(response)));
        response.handler(part -> {
            body.appendBuffer(part, 0, Math.min(part.length(), LONGEST_BODY - body.length()));
            if (body.length() >= LONGEST_BODY) {
                stop();
            }
        });
    }

    private HttpSink.Answer answer(HttpClientResponse response) {
        return new HttpSink.Answer(
                response.statusCode(),
                response.getHeader("retry-after"),
                body.toString(StandardCharsets.UTF_8));
    }

    private void stop() {
        HttpClientResponse response = head;
        boolean first =
                response == null
                        ? done.tryFail(new TimeoutException())
                        : done.tryComplete(answer(response));
        if (first) {
            request.reset();
        }
    }
}
