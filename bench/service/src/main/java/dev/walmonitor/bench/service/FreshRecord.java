package dev.walmonitor.bench.service;

import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** An empty monitor database: what is on record of another slot means nothing for this one. */
@Singleton
class FreshRecord {
    static final String NAME = "wal_monitor_bench";

    private final String url;
    private final String user;

    FreshRecord(
            @ConfigProperty(name = "quarkus.datasource.jdbc.url") String url,
            @ConfigProperty(name = "quarkus.datasource.username") String user) {
        this.url = url;
        this.user = user;
    }

    void make(@Observes @Priority(Interceptor.Priority.LIBRARY_BEFORE) StartupEvent event)
            throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(url.replace(NAME, "postgres"), user, "");
                Statement statement = connection.createStatement()) {
            statement.execute("DROP DATABASE IF EXISTS " + NAME + " WITH (FORCE)");
            statement.execute("CREATE DATABASE " + NAME);
        }
    }
}
