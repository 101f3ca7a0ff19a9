package dev.walmonitor.source.postgres.spill;

import io.vertx.core.Future;
import java.util.concurrent.Callable;

/** Runs work that blocks somewhere else, and tells its result on the caller's event loop. */
@FunctionalInterface
public interface Disk {
    <T> Future<T> run(Callable<T> work);
}
