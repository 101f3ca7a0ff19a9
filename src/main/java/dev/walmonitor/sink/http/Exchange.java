package dev.walmonitor.sink.http;

import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer; owned by the event loop on which the request was made. The answer
 * counts once its head is there: of the body no more than {@link #LONGEST_BODY} is read, and for no
 * longer than the time-out, then the connection is closed.
 */
final class Exchange {
    static final int LONGEST_BODY = 64 * 1024;

    private final Vertx vertx;
    private final HttpClientRequest request;
    private final Duration timeout;
    private final Promise<HttpSink.Answer> done = Promise.promise();
    private HttpSink.@Nullable Answer head;
    private int length;

    Exchange(Vertx vertx, HttpClientRequest request, Duration timeout) {
        this.vertx = vertx;
        this.request = request;
        this.timeout = timeout;
    }

    CompletionStage<HttpSink.Answer> send(Buffer body) {
        long timer = vertx.setTimer(Math.max(1, timeout.toMillis()), id -> stop());
        request.send(body).onSuccess(this::read).onFailure(done::tryFail);
        return done.future().onComplete(answer -> vertx.cancelTimer(timer)).toCompletionStage();
    }

    private void read(HttpClientResponse response) {
        HttpSink.Answer answer =
                new HttpSink.Answer(response.statusCode(), response.getHeader("retry-after"));
        head = answer;
        response.exceptionHandler(failure -> done.tryComplete(answer));
        response.endHandler(end -> done.tryComplete(answer));
        response.handler(part -> {
            length += part.length();
            if (length > LONGEST_BODY) {
                stop();
            }
        });
    }

    private void stop() {
        boolean first =
                head == null ? done.tryFail(new TimeoutException()) : done.tryComplete(head);
        if (first) {
            request.reset();
        }
    }
}
