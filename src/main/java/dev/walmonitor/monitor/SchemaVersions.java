package dev.walmonitor.monitor;

import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;

/** The versions of our tables that the monitor database lacks. Blocks; for commands. */
@Singleton
public class SchemaVersions {
    private static final String SCRIPTS = "/db/migration/";

    private final Flyway flyway;
    private final DatabaseAddress address;

    SchemaVersions(Flyway flyway, MonitorDatabase database) {
        this.flyway = flyway;
        this.address = database.address();
    }

    /**
     * A version that is not there yet.
     *
     * @param sql what makes it
     */
    public record Version(String name, String sql) {}

    /**
     * What is missing, in order.
     *
     * @throws MonitorDatabaseException if the database cannot be asked
     */
    public List<Version> missing() {
        try {
            List<Version> missing = new ArrayList<>();
            for (MigrationInfo info : flyway.info().pending()) {
                missing.add(new Version(info.getDescription(), script(info.getScript())));
            }
            return missing;
        } catch (RuntimeException e) {
            throw new MonitorDatabaseException(DatabaseFault.of(e, address));
        }
    }

    /**
     * Makes what is missing.
     *
     * @throws MonitorDatabaseException if the database refuses
     */
    public void make() {
        try {
            new Migration(flyway).run();
        } catch (RuntimeException e) {
            throw new MonitorDatabaseException(DatabaseFault.of(e, address));
        }
    }

    public DatabaseAddress address() {
        return address;
    }

    private static String script(String name) {
        String file = Arrays.asList(name.split("/")).getLast();
        try (InputStream in = SchemaVersions.class.getResourceAsStream(SCRIPTS + file)) {
            if (in == null) {
                throw new IllegalStateException("Expected the resource " + SCRIPTS + file);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
