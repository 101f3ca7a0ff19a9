package dev.walmonitor.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

    @Test
    void the_environment_people_have_becomes_the_source_main() {
        Settings settings =
                Settings.translate(
                        environment(
                                Map.of(
                                        "DATABASE_URL", "postgres://app:pw@db/shop",
                                        "REPLICATION_SLOT", "my_slot",
                                        "PUBLICATION_NAME", "my_publication",
                                        "HEARTBEAT_INTERVAL", "10000",
                                        "WAL_SENDER_TIMEOUT", "0",
                                        "REDIS_URL", "redis:6379")));

        assertThat(settings.stated())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "wal-monitor.sources.main.url", "postgres://app:pw@db/shop",
                                "wal-monitor.sources.main.slot", "my_slot",
                                "wal-monitor.sources.main.publication", "my_publication",
                                "wal-monitor.sources.main.heartbeat-interval", "10000ms",
                                "wal-monitor.sources.main.wal-sender-timeout", "0ms",
                                "quarkus.redis.hosts", "redis://redis:6379"));
    }

    @Test
    void the_environment_that_opentelemetry_knows_says_where_spans_go() {
        Settings settings =
                Settings.translate(
                        environment(
                                Map.of(
                                        "DATABASE_URL", "postgres://app:pw@db/shop",
                                        "OTEL_SDK_DISABLED", "false",
                                        "OTEL_SERVICE_NAME", "watcher",
                                        "OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317",
                                        "OTEL_TRACES_SAMPLER_ARG", "0.1")));

        assertThat(settings.stated())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "wal-monitor.sources.main.url", "postgres://app:pw@db/shop",
                                "quarkus.otel.sdk.disabled", "false",
                                "quarkus.otel.service.name", "watcher",
                                "quarkus.otel.exporter.otlp.endpoint", "http://collector:4317",
                                "quarkus.otel.traces.sampler.arg", "0.1"));
    }

    @Test
    void our_tables_live_in_the_source_main() {
        assertThat(
                        Settings.translate(
                                        environment(
                                                Map.of(
                                                        "DATABASE_URL",
                                                        "postgres://an%20app:p%40@[::1]:6543/a%2Fb")))
                                .derived())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "quarkus.datasource.username", "an app",
                                "quarkus.datasource.password", "p@",
                                "quarkus.datasource.reactive.url",
                                        "postgresql://[::1]:6543/a%2Fb?sslmode=prefer",
                                "quarkus.datasource.jdbc.url",
                                        "jdbc:postgresql://[::1]:6543/a%2Fb?sslmode=prefer"));
    }

    @Test
    void our_tables_are_reached_with_the_password_that_the_source_is_asked_for() {
        for (String option : List.of("password-file", "credentials-provider")) {
            assertThat(
                            Settings.translate(
                                            environment(
                                                    Map.of(
                                                            "DATABASE_URL",
                                                            "postgres://app@db/shop?sslmode=disable",
                                                            "wal-monitor.sources.main." + option,
                                                            "/run/password")))
                                    .derived())
                    .containsExactlyInAnyOrderEntriesOf(
                            Map.of(
                                    "quarkus.datasource.username", "app",
                                    "quarkus.datasource.credentials-provider", "main",
                                    "quarkus.datasource.credentials-provider-name",
                                            "wal-monitor-source",
                                    "quarkus.datasource.reactive.url",
                                            "postgresql://db:5432/shop?sslmode=disable",
                                    "quarkus.datasource.jdbc.url",
                                            "jdbc:postgresql://db:5432/shop?sslmode=disable"));
        }
    }

    @Test
    void a_password_file_that_holds_none_is_refused_at_the_start() {
        Settings.demandPassword(environment(Map.of()));
        assertThatThrownBy(() ->
                        Settings.demandPassword(
                                environment(
                                        Map.of(
                                                "wal-monitor.sources.main.password-file",
                                                "/nowhere/password"))))
                .isInstanceOf(BadSettings.class)
                .hasMessage("Source main: The password file /nowhere/password does not exist.");
    }

    @Test
    void a_password_from_two_places_is_refused() {
        assertThatThrownBy(() ->
                        Settings.translate(
                                environment(
                                        Map.of(
                                                "DATABASE_URL",
                                                "postgres://app:canary@db/shop",
                                                "wal-monitor.sources.main.password-file",
                                                "/run/password"))))
                .isInstanceOf(BadSettings.class)
                .hasMessage(
                        "Source main: The password stands in the URL and is to come from password-file as well: take it out of the URL.");
    }

    @Test
    void our_tables_live_elsewhere_if_that_is_said() {
        Map<String, String> derived =
                Settings.translate(
                                environment(
                                        Map.of(
                                                "DATABASE_URL", "postgres://app:pw@db/shop",
                                                "MONITOR_DATABASE_URL",
                                                        "postgres://monitor@other/monitor?sslmode=disable")))
                        .derived();

        assertThat(derived)
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "quarkus.datasource.username", "monitor",
                                "quarkus.datasource.reactive.url",
                                        "postgresql://other:5432/monitor?sslmode=disable",
                                "quarkus.datasource.jdbc.url",
                                        "jdbc:postgresql://other:5432/monitor?sslmode=disable"));
    }

    @Test
    void verification_uses_the_given_root_certificate_in_both_clients() {
        Map<String, String> derived =
                Settings.translate(
                                environment(
                                        Map.of(
                                                "DATABASE_URL",
                                                "postgres://app@db/shop?sslmode=verify-full&sslrootcert=/etc/tls/ca.crt")))
                        .derived();

        assertThat(derived)
                .containsEntry("quarkus.datasource.reactive.trust-certificate-pem", "true")
                .containsEntry(
                        "quarkus.datasource.reactive.trust-certificate-pem.certs",
                        "/etc/tls/ca.crt")
                .containsEntry(
                        "quarkus.datasource.reactive.hostname-verification-algorithm", "HTTPS")
                .containsEntry(
                        "quarkus.datasource.jdbc.url",
                        "jdbc:postgresql://db:5432/shop?sslmode=verify-full&sslrootcert=%2Fetc%2Ftls%2Fca.crt");
    }

    @Test
    void verification_without_a_root_certificate_trusts_what_the_jdk_trusts() {
        Map<String, String> derived =
                Settings.translate(
                                environment(
                                        Map.of(
                                                "DATABASE_URL",
                                                "postgres://app@db/shop?sslmode=verify-ca")))
                        .derived();

        assertThat(derived)
                .containsEntry("quarkus.datasource.reactive.trust-certificate-jks", "true")
                .doesNotContainKey("quarkus.datasource.reactive.hostname-verification-algorithm")
                .containsEntry(
                        "quarkus.datasource.jdbc.url",
                        "jdbc:postgresql://db:5432/shop?sslmode=verify-ca"
                                + "&sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory");
    }

    @Test
    void the_datasource_that_quarkus_was_given_is_the_source_too() {
        Settings settings =
                Settings.translate(
                        environment(
                                Map.of(
                                        "quarkus.datasource.reactive.url",
                                                "vertx-reactive:postgresql://localhost:32768/quarkus",
                                        "quarkus.datasource.username", "quarkus",
                                        "quarkus.datasource.password", "p@ss")));

        assertThat(settings.derived())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "wal-monitor.sources.main.url",
                                "postgresql://quarkus:p%40ss@localhost:32768/quarkus"));
    }

    @Test
    void database_url_is_stronger_than_a_file_and_weaker_than_the_settings_own_variable() {
        Map<String, String> both =
                Map.of(
                        "DATABASE_URL", "postgres://app@from-variable/shop",
                        "wal-monitor.sources.main.url", "postgres://app@from-setting/shop");

        assertThat(Settings.translate(new Fixed(both, 265)).derived())
                .containsEntry(
                        "quarkus.datasource.reactive.url",
                        "postgresql://from-variable:5432/shop?sslmode=prefer");
        assertThat(Settings.translate(new Fixed(both, 300)).derived())
                .containsEntry(
                        "quarkus.datasource.reactive.url",
                        "postgresql://from-setting:5432/shop?sslmode=prefer");
    }

    @Test
    void every_fault_is_told_with_the_name_of_its_setting_and_without_secrets() {
        assertThatThrownBy(() ->
                        Settings.translate(
                                environment(
                                        Map.of(
                                                "DATABASE_URL", "oracle://app:hunter2@db/shop",
                                                "MONITOR_DATABASE_URL",
                                                        "postgres://app:hunter2@/shop",
                                                "WAL_SENDER_TIMEOUT", "10s",
                                                "REDIS_URL", "http://:hunter2@redis"))))
                .isInstanceOf(BadSettings.class)
                .hasMessage(
                        String.join(
                                System.lineSeparator(),
                                "WAL_SENDER_TIMEOUT: Expected a whole number of milliseconds such as 10000, got 10s.",
                                "REDIS_URL: The Redis URL has a scheme that is not known: write redis:// or, for TLS, rediss://.",
                                "DATABASE_URL: The database URL has a scheme that is not known: write postgresql://, postgres://"
                                        + " or jdbc:postgresql://.",
                                "MONITOR_DATABASE_URL: The database URL names no host: write"
                                        + " postgresql://USER:PASSWORD@HOST:5432/DATABASE."));
    }

    @Test
    void what_is_missing_is_named_with_the_variable_that_mends_it() {
        assertThat(Settings.missing(environment(Map.of())))
                .containsExactly(
                        "No database is configured: set DATABASE_URL to postgresql://USER:PASSWORD@HOST:5432/DATABASE.",
                        "No Redis is configured: set REDIS_URL to redis://:PASSWORD@HOST:6379.");
        assertThat(
                        Settings.missing(
                                environment(
                                        Map.of("DATABASE_URL", "x", "quarkus.redis.hosts", "y"))))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "redis,                          redis://redis",
        "redis:6379/2,                   redis://redis:6379/2",
        "redis://:p%40ss@redis:6379/0,   redis://:p%40ss@redis:6379/0",
        "REDISS://redis,                 rediss://redis",
        "redis://[::1]:6379,             redis://[::1]:6379",
        "unix:///run/redis.sock,         unix:///run/redis.sock",
        "'redis://a:7000, redis://b:7001', 'redis://a:7000,redis://b:7001'",
    })
    void redis_urls_get_a_scheme(String given, String normalized) {
        assertThat(RedisUrls.normalized("REDIS_URL", given)).isEqualTo(normalized);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "redis://:hunter2@         | REDIS_URL: The Redis URL names no host: write redis://:PASSWORD@HOST:6379.",
                "redis://:hunter2@redis:x  | REDIS_URL: The Redis URL has a port that is not a number from 1 to 65535:"
                        + " write redis://:PASSWORD@HOST:6379.",
                "redis://:hun/ter2@redis   | REDIS_URL: The Redis URL has an @ after a /: in the password write / as %2F"
                        + " and @ as %40.",
                "redis://:hun ter2@redis   | REDIS_URL: The Redis URL has white space or a quotation mark inside: write"
                        + " redis://:PASSWORD@HOST:6379.",
            })
    void a_faulty_redis_url_is_one_sentence(String given, String sentence) {
        assertThatThrownBy(() -> RedisUrls.normalized("REDIS_URL", given))
                .isInstanceOf(BadSettings.class)
                .hasMessage(sentence);
    }

    private static Lookup environment(Map<String, String> variables) {
        return new Fixed(variables, 300);
    }

    private record Fixed(Map<String, String> values, int strength) implements Lookup {
        @Override
        public @Nullable String get(String name) {
            return values.get(name);
        }

        @Override
        public int ordinal(String name) {
            return strength;
        }
    }
}
