package dev.walmonitor.source.postgres;

import dev.walmonitor.source.DatabaseUrl;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Says once that a source is read in plaintext although TLS was to be used where there is any: the
 * weak modes are libpq's default, and nobody should meet them unawares. Silent in dev and test.
 */
final class PlaintextWarning implements Runnable {
    private final String sentence;
    private final Consumer<String> log;
    private final AtomicBoolean due;

    /**
     * @param profile whether a profile of that name is active
     */
    PlaintextWarning(
            String source, DatabaseUrl url, Predicate<String> profile, Consumer<String> log) {
        this.sentence =
                "Source %s: the connection to %s:%d is not encrypted, as the server has no TLS and sslmode=%s takes what there is. Set ssl=on at the server and sslmode=verify-full in the source's URL, or sslmode=disable if plaintext is meant."
                        .formatted(source, url.hostInUrl(), url.port(), url.sslMode().word());
        this.log = log;
        this.due = new AtomicBoolean(!profile.test("dev") && !profile.test("test"));
    }

    @Override
    public void run() {
        if (due.getAndSet(false)) {
            log.accept(sentence);
        }
    }
}
