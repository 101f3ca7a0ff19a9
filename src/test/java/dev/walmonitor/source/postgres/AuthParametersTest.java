package dev.walmonitor.source.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.source.postgres.wire.AuthMethod;
import dev.walmonitor.source.postgres.wire.AuthPolicy;
import dev.walmonitor.source.postgres.wire.ChannelBinding;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AuthParametersTest {

    @Test
    void withoutAWordOnlyScramIsAllowed() {
        assertThat(AuthParameters.policy(Map.of())).isEqualTo(AuthPolicy.DEFAULT);
    }

    @Test
    void readsTheMethodsAndTheBindingThatLibpqKnows() {
        AuthPolicy policy =
                AuthParameters.policy(
                        Map.of("require_auth", "md5, none", "channel_binding", "require"));

        assertThat(policy.methods()).containsExactlyInAnyOrder(AuthMethod.MD5, AuthMethod.NONE);
        assertThat(policy.channelBinding()).isEqualTo(ChannelBinding.REQUIRE);
    }

    @Test
    void namesWhatItKnowsWhenAWordIsWrong() {
        assertThatThrownBy(() -> AuthParameters.policy(Map.of("require_auth", "scram,md5")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Expected require_auth to list any of scram-sha-256, md5, password and"
                                + " none, got \"scram\"");
        assertThatThrownBy(() -> AuthParameters.policy(Map.of("channel_binding", "yes")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Expected a channel_binding of disable, prefer or require, got \"yes\"");
    }
}
