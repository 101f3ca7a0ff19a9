package dev.walmonitor.bench;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** The processes that must not outlive this one. Thread-safe. */
final class Children {
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();
    private static final Lock STARTING = new ReentrantLock();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Children::killAll));
    }

    private Children() {}

    static Process start(ProcessBuilder builder) throws IOException {
        STARTING.lock();
        try {
            Process process = builder.start();
            RUNNING.add(process);
            return process;
        } finally {
            STARTING.unlock();
        }
    }

    /** Gives one some time to end by itself; returns when it has ended. */
    static void end(Process process) {
        process.onExit().completeOnTimeout(process, 20, TimeUnit.SECONDS).join();
        process.destroyForcibly().onExit().join();
        RUNNING.remove(process);
    }

    /** Keeps the lock, so that from here on none is started. */
    private static void killAll() {
        STARTING.lock();
        RUNNING.forEach(Process::destroyForcibly);
    }
}
