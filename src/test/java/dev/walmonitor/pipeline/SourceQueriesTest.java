package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.sql.Queries;
import dev.walmonitor.sink.sql.Query;
import dev.walmonitor.source.ConfiguredLogins;
import dev.walmonitor.source.TestSources;
import io.quarkus.credentials.CredentialsProvider;
import io.vertx.mutiny.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceQueriesTest {
    @TempDir Path directory = Path.of("");

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        vertx.close().await().atMost(Duration.ofSeconds(20));
    }

    @Test
    void f18_aPasswordThatWasRotatedIsUsedAtTheNextConnect() throws IOException {
        PostgresServer server = SharedServers.postgres();
        String url = SharedServers.freshDatabase();
        server.execute("create role asking login password 'first-canary'");
        Path file = directory.resolve("password");
        Files.writeString(file, "first-canary\n");
        SourceQueries sources =
                new SourceQueries(
                        vertx,
                        TestSources.configured(
                                Map.of(
                                        "main.url", url.replace("app:app@", "asking@"),
                                        "main.password-file", file.toString())),
                        new ConfiguredLogins(name -> new CredentialsProvider() {}));
        Queries queries = sources.of("main");
        assertThat(user(queries)).isEqualTo("asking");

        Files.writeString(file, "second-canary\n");
        server.execute("alter role asking password 'second-canary'");
        server.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'asking'");
        await().atMost(Duration.ofSeconds(15))
                .ignoreExceptions()
                .until(() -> user(queries).equals("asking"));

        Files.delete(file);
        server.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'asking'");
        await().atMost(Duration.ofSeconds(15))
                .untilAsserted(() ->
                        assertThatThrownBy(() -> user(queries))
                                .isInstanceOf(SinkException.class)
                                .hasMessage(
                                        "The credentials for the database of source main cannot be had: The password file "
                                                + file
                                                + " does not exist."));
        sources.close();
    }

    private static String user(Queries queries) {
        return queries.rows(Query.of("select current_user as who"), List.of())
                .await()
                .atMost(Duration.ofSeconds(10))
                .getFirst()
                .getString("who");
    }
}
