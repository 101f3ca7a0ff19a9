package dev.walmonitor.source.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.postgres.wire.Credentials;
import dev.walmonitor.source.postgres.wire.WireOptions;
import io.vertx.core.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** How the server is reached, and with which password. */
class ReachedNetworkTest extends FaultyNetwork {

    @Test
    void f16_aServerThatIsReachedByItsIpv6AddressIsFollowed() {
        DatabaseUrl literal = DatabaseUrl.parse(url.replace("@127.0.0.1:", "@[::1]:"));
        try (Follower follower =
                follow(Follower.wire(literal), hasty(name)).awaitState(SourceState.STREAMING)) {
            insert(1);
            awaitWhole(follower, 1);
        }
    }

    @Test
    void f18_aNewPasswordIsAskedForAtTheNextConnectAndTheStreamIsNotDisturbed() {
        server.execute("create role rotating superuser login password 'first-secret'");
        AtomicReference<String> password = new AtomicReference<>("first-secret");
        AtomicInteger asked = new AtomicInteger();
        DatabaseUrl there = DatabaseUrl.parse(url);
        WireOptions wire =
                WireOptions.of(
                        there.host(),
                        there.port(),
                        there.database(),
                        () -> {
                            var _ = asked.incrementAndGet();
                            return Future.succeededFuture(
                                    Credentials.of("rotating", password.get().toCharArray()));
                        });
        try (Follower follower = follow(wire, hasty(name)).awaitState(SourceState.STREAMING)) {
            int before = asked.get();
            server.execute("alter role rotating password 'second-secret'");
            insert(1);
            awaitWhole(follower, 1);
            assertThat(asked).hasValue(before);

            password.set("second-secret");
            var _ =
                    server.query(
                            name,
                            "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '"
                                    + name
                                    + "'");
            await().until(() -> follower.source.status().reconnects() == 1);
            follower.awaitState(SourceState.STREAMING);
            insert(2);
            awaitWhole(follower, 2);
            assertThat(asked).hasValueGreaterThan(before);
            assertThat(whole(follower)).isEqualTo(inserts(2));
        }
    }
}
