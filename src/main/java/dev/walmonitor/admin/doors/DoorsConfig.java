package dev.walmonitor.admin.doors;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Who is let in. Passwords have variables of their own; see {@link FixedPasswords}. */
@ConfigMapping(prefix = "wal-monitor.doors")
public interface DoorsConfig {

    /** True closes the doors in dev mode and tests too. In production they are always closed. */
    @WithDefault("false")
    boolean closed();

    /** Lines of {@code name:role:bcrypt hash}; read again when it changes. */
    Optional<Path> usersFile();

    /** Origins of pages, such as {@code https://monitor.example.com}, beside the service's own. */
    Optional<List<String>> origins();

    /** How many requests a second one address may make; twice as many at once. */
    @WithDefault("1000")
    int requestsPerSecond();

    /** How often a minute one address may be wrong about a password. */
    @WithDefault("20")
    int failedLoginsPerMinute();
}
