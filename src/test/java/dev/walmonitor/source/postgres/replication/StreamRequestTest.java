package dev.walmonitor.source.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.source.Origin;
import dev.walmonitor.source.SourceFailure;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StreamRequestTest {

    private static StreamRequest request(StreamOptions stream) {
        return new StreamRequest(
                new SlotOptions(
                                "slot",
                                "it's \"mine\"",
                                true,
                                Duration.ofSeconds(4),
                                Duration.ofSeconds(1))
                        .withStream(stream));
    }

    private static Server server(int version) {
        return new Server("1", 1, Lsn.ZERO, version, Duration.ofSeconds(4), false, "UTF8");
    }

    private static String sql(StreamOptions stream, int version) {
        return request(stream).startReplication(server(version), new Lsn(0x1_0000_00AAL));
    }

    @Test
    void asksForProtocol1WithMessagesUnlessMoreIsWanted() {
        assertThat(sql(StreamOptions.DEFAULT, 140_000))
                .isEqualTo(
                        "START_REPLICATION SLOT \"slot\" LOGICAL 1/AA (proto_version '1',"
                                + " publication_names '\"it''s \"\"mine\"\"\"', messages 'true')");
    }

    @Test
    void asksForWhatIsWanted() {
        StreamOptions all =
                StreamOptions.DEFAULT.withBinary(true).withStreaming(true).withOrigin(Origin.NONE);

        assertThat(sql(all, 160_000))
                .isEqualTo(
                        "START_REPLICATION SLOT \"slot\" LOGICAL 1/AA (proto_version '2',"
                                + " publication_names '\"it''s \"\"mine\"\"\"', messages 'true',"
                                + " streaming 'on', binary 'true', origin 'none')");
    }

    @Test
    void asksForNoTransactionsInProgressAnyMoreAfterTheyWereTooLarge() {
        StreamRequest request = request(StreamOptions.DEFAULT.withStreaming(true));
        assertThat(request.streaming()).isTrue();
        request.withoutStreaming();

        assertThat(request.streaming()).isFalse();
        assertThat(request.startReplication(server(180_000), Lsn.ZERO))
                .contains("proto_version '1'")
                .doesNotContain("streaming");
    }

    @Test
    void anOriginIsRefusedWhereTheServerKnowsNone() {
        assertThatThrownBy(() -> sql(StreamOptions.DEFAULT.withOrigin(Origin.NONE), 159_999))
                .isInstanceOfSatisfying(
                        ReplicationException.class,
                        e -> {
                            assertThat(e.failure().retry()).isEqualTo(SourceFailure.Retry.SLOWLY);
                            assertThat(e.failure().message())
                                    .isEqualTo(
                                            "The server (server_version_num 159999) cannot tell its own changes"
                                                    + " from replicated ones, which origin: none asks for. Use"
                                                    + " PostgreSQL 16 or later, or set origin to any.");
                        });
    }
}
