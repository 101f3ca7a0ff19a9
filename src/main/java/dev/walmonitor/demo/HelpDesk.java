package dev.walmonitor.demo;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;

/**
 * The demo's tables and what happens in them. Not thread-safe: one deed follows the other, on the
 * caller's event loop.
 */
final class HelpDesk {
    private final Pool pool;
    private Iterator<Deed> day = List.<Deed>of().iterator();

    HelpDesk(Pool pool) {
        this.pool = pool;
    }

    /**
     * Makes the tables and their first rows in one transaction, unless they are there. True if it
     * made them.
     */
    Uni<Boolean> open() {
        return pool.query("SELECT to_regclass('public.tickets') IS NOT NULL")
                .execute()
                .chain(rows ->
                        rows.iterator().next().getBoolean(0)
                                ? Uni.createFrom().item(false)
                                : pool.query(schema()).execute().replaceWith(true));
    }

    /** The next thing that somebody does. */
    Uni<Void> next() {
        if (!day.hasNext()) {
            day = Deed.DAY.iterator();
        }
        return pool.query(day.next().sql()).execute().replaceWithVoid();
    }

    private static String schema() {
        try (InputStream in = HelpDesk.class.getResourceAsStream("/demo/schema.sql")) {
            if (in == null) {
                throw new IllegalStateException("Expected the resource demo/schema.sql");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
