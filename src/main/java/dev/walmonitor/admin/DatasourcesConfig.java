package dev.walmonitor.admin;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The databases that rules write to, by name. */
@ConfigMapping(prefix = "wal-monitor.datasources")
public interface DatasourcesConfig {

    @WithParentName
    Map<String, DatasourceConfig> datasources();

    /** One database. */
    interface DatasourceConfig {

        /**
         * Where the database is, as for a source; unset, and of a source's name, it is where the
         * source is.
         */
        Optional<String> url();

        /** A file that holds the password and nothing else; it is read anew at each connect. */
        Optional<String> passwordFile();

        /** The credentials that Quarkus's provider of credentials is asked for at each connect. */
        Optional<String> credentialsProvider();

        /** The bean name of the provider of credentials, needed where there are several. */
        Optional<String> credentialsProviderName();

        /** Where the table is or is made in which it stands which changes were applied. */
        @WithDefault("wal_monitor")
        String ledgerSchema();

        /** How many statements may run at the same time. */
        @WithDefault("8")
        int connections();

        /** How long one change may take. */
        @WithDefault("30s")
        Duration timeout();
    }
}
