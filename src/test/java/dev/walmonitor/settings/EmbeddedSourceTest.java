package dev.walmonitor.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.redis.datasource.ReactiveRedisDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

@QuarkusTest
class EmbeddedSourceTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Inject Pool pool;

    @Inject ReactiveRedisDataSource redis;

    @ConfigProperty(name = Settings.SOURCE_URL)
    String sourceUrl;

    @Test
    void a_test_without_any_setting_has_a_real_postgresql_ready_for_replication() {
        String level =
                pool.query("SHOW wal_level")
                        .execute()
                        .map(rows -> rows.iterator().next().getString(0))
                        .await()
                        .atMost(LIMIT);

        assertThat(level).isEqualTo("logical");
        assertThat(sourceUrl).matches("postgresql://app:app@127\\.0\\.0\\.1:[0-9]+/app");
    }

    @Test
    void a_test_without_any_setting_has_a_real_redis() {
        String answer = redis.execute("PING").map(String::valueOf).await().atMost(LIMIT);

        assertThat(answer).isEqualTo("PONG");
    }
}
