package dev.walmonitor.source.postgres.wire;

import io.vertx.core.Future;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Waits in a test for what happens on an event loop. */
final class Awaiting {
    private Awaiting() {}

    static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw new AssertionError(e);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** What a future fails with. */
    static Throwable failure(Future<?> future) {
        return await(
                future.transform(done ->
                        done.failed()
                                ? Future.succeededFuture(done.cause())
                                : Future.failedFuture(
                                        new AssertionError("Succeeded: " + done.result()))));
    }

    /** Runs something on the connection's event loop, as its owner would. */
    static <T> T on(WireConnection connection, Supplier<T> work) {
        return await(
                Future.future(promise ->
                        connection.context().runOnContext(_ -> promise.complete(work.get()))));
    }
}
