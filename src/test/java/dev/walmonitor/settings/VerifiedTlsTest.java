package dev.walmonitor.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.source.PercentEncoding;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(VerifiedTlsTest.TlsOnly.class)
class VerifiedTlsTest {
    private static final String IS_TLS = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

    /** A server that takes nothing but TLS, with a certificate that no JDK trusts by itself. */
    public static final class TlsOnly implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            PostgresServer server =
                    PostgresServer.builder()
                            .withTls()
                            .hba("hostnossl all app 127.0.0.1/32 reject")
                            .start();
            try {
                Path root =
                        Files.writeString(
                                server.directoryOnDisk().resolve("root.crt"),
                                server.certificate().certificate());
                return Map.of(
                        "DATABASE_URL",
                        "postgresql://app:app@localhost:"
                                + server.portNumber()
                                + "/app?sslmode=verify-full&sslrootcert="
                                + PercentEncoding.encode(root.toString()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Inject Pool pool;

    @Inject DataSource dataSource;

    @Test
    void the_reactive_client_verifies_the_server_by_the_urls_root_certificate() {
        boolean tls =
                pool.query(IS_TLS)
                        .execute()
                        .map(rows -> rows.iterator().next().getBoolean(0))
                        .await()
                        .atMost(Duration.ofSeconds(30));

        assertThat(tls).isTrue();
    }

    @Test
    void so_does_the_jdbc_driver() throws Exception {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(IS_TLS)) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getBoolean(1)).isTrue();
        }
    }
}
