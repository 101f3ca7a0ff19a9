package dev.walmonitor.sink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.sink.redis.RedisStore;
import io.quarkus.arc.All;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The sinks as the service makes them. */
@QuarkusTest
class SinksTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @Inject RedisStore redis;

    @Inject @All List<Channel> channels;

    @Test
    void redisIsTheConfiguredOne() {
        redis.set("sinks:test", "value", Duration.ofMinutes(1)).await().atMost(LIMIT);

        assertThat(redis.get("sinks:test").await().atMost(LIMIT)).isEqualTo("value");
    }

    @Test
    void theChannelsAreFound() {
        assertThat(channels)
                .extracting(Channel::name)
                .containsExactlyInAnyOrder("log", "mail", "slack", "teams");
    }

    @Test
    void aChannelWithoutAnAddressIsNoFaultUntilARuleNamesIt() {
        assertThat(channels)
                .filteredOn(channel -> channel.fault().isPresent())
                .extracting(channel -> channel.fault().orElseThrow())
                .containsExactlyInAnyOrder(
                        "Mail has no sender; set quarkus.mailer.from to its address, and quarkus.mailer.host to the"
                                + " server.",
                        "Slack has neither an address nor a token; set wal-monitor.channels.slack.url to the"
                                + " address of an incoming webhook, or wal-monitor.channels.slack.token to a bot's"
                                + " token.",
                        "Teams has no address; set wal-monitor.channels.teams.url to the address of a workflow's"
                                + " webhook.");
    }
}
