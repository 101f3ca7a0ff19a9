package dev.walmonitor.source;

import io.smallrye.mutiny.Uni;

/** As whom to connect to a source's database, asked anew at every connect. */
public interface Logins {

    /**
     * What is valid now. From any thread; never blocks the one that subscribes.
     *
     * @return fails with {@link NoLogin}, or with what a provider of credentials failed with
     */
    Uni<Login> next();
}
