package dev.walmonitor.sink.redis;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** That it runs at all is the test: nothing listens at the configured Redis's port. */
@QuarkusTest
@TestProfile(RedisDownAtStartTest.NoRedis.class)
class RedisDownAtStartTest {

    /** A port that nobody can listen at. */
    public static class NoRedis implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("quarkus.redis.hosts", "redis://user:hidden@127.0.0.1:1");
        }
    }

    @Inject RedisStore redis;

    @Test
    void theServiceStartsAndTheFirstCommandSaysWhatIsWrong() {
        assertThatThrownBy(() -> redis.get("k").await().atMost(Duration.ofSeconds(20)))
                .hasMessage("Redis at 127.0.0.1:1 cannot be reached");
    }
}
