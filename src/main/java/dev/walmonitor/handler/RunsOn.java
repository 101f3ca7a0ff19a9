package dev.walmonitor.handler;

import jakarta.inject.Qualifier;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * On which kind of thread a Java handler is called; put there while the application is built, from
 * the handler's {@code @RunOnVirtualThread} or {@code @Blocking}.
 */
@Qualifier
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@interface RunsOn {

    Kind value();

    /** Of a thread. */
    enum Kind {
        /** Must never be blocked. */
        EVENT_LOOP,
        /** May be blocked; one of its own for every call. */
        VIRTUAL,
        /** May be blocked; one of a pool. */
        WORKER
    }
}
