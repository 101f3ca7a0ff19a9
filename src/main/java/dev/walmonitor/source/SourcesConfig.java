package dev.walmonitor.source;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The sources of this process, by name. */
@ConfigMapping(prefix = "wal-monitor.sources")
public interface SourcesConfig {

    @WithParentName
    Map<String, SourceConfig> sources();

    /** One source. */
    interface SourceConfig {

        /**
         * Where the database is; its scheme picks the kind. A source without a URL is not started.
         */
        Optional<String> url();

        /**
         * A file that holds the password and nothing else, such as a mounted secret; it is read
         * anew at each connect. The URL then holds none.
         */
        Optional<String> passwordFile();

        /**
         * The credentials that Quarkus's provider of credentials is asked for at each connect; the
         * user it gives is stronger than the URL's. The URL then holds no password.
         */
        Optional<String> credentialsProvider();

        /** The bean name of the provider of credentials, needed where there are several. */
        Optional<String> credentialsProviderName();

        /** The replication slot: lower-case letters, digits and underscores. */
        @WithDefault("wal_monitor")
        String slot();

        @WithDefault("wal_monitor")
        String publication();

        /**
         * Whether slot and publication are made, and tables are added and dropped, as the rules
         * need them.
         */
        @WithDefault("true")
        boolean manage();

        /** How many changes of one rule may be handled at the same time, 1 to 64. */
        @WithDefault("8")
        int lanes();

        /**
         * How often the server hears from us at least; never less than three times in {@link
         * #walSenderTimeout}.
         */
        @WithDefault("10s")
        Duration heartbeatInterval();

        /**
         * After which silence the server gives the connection up and another instance may take
         * over, and so do we.
         */
        @WithDefault("10s")
        Duration walSenderTimeout();
    }
}
