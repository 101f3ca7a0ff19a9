package dev.walmonitor.source.postgres.wire;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.StringPreparation;
import com.ongres.scram.common.exception.ScramException;
import com.ongres.scram.common.util.TlsServerEndpoint;
import dev.walmonitor.source.postgres.wire.WireException.AuthFailure;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * One SCRAM-SHA-256 exchange (RFC 7677), with channel binding where both sides have it. Owned by
 * one connection's event loop, except that the work of {@link #prove} runs on a worker thread while
 * nothing else touches it.
 */
final class ScramExchange {
    private static final String PLAIN = "SCRAM-SHA-256";
    private static final String PLUS = "SCRAM-SHA-256-PLUS";

    private final ScramClient client;
    private final AuthPolicy policy;

    private ScramExchange(ScramClient client, AuthPolicy policy) {
        this.client = client;
        this.policy = policy;
    }

    /**
     * @throws AuthFailure if policy, password and what both sides can do leave no way
     */
    static ScramExchange begin(
            AuthPolicy policy,
            Credentials credentials,
            List<String> offered,
            ChannelSecurity security) {
        if (!policy.allows(AuthMethod.SCRAM_SHA_256)) {
            throw new AuthFailure("The server asks for SCRAM-SHA-256, which is not allowed.");
        }
        checkOffer(policy, offered, security);
        char[] password = credentials.password();
        if (password == null) {
            throw Authenticator.missingPassword(credentials, "the password");
        }
        boolean bind = policy.channelBinding() != ChannelBinding.DISABLE;
        try {
            ScramClient client =
                    ScramClient.builder()
                            .advertisedMechanisms(
                                    offered.stream()
                                            .filter(m -> m.equals(PLAIN) || m.equals(PLUS))
                                            .toList())
                            .username("*") // PostgreSQL takes the name of the StartupMessage
                            .password(password)
                            .channelBinding(
                                    TlsServerEndpoint.TLS_SERVER_END_POINT,
                                    bind ? security.endPoint() : null)
                            .stringPreparation(StringPreparation.POSTGRESQL_PREPARATION)
                            .build();
            return new ScramExchange(client, policy);
        } catch (IllegalArgumentException e) {
            throw new AuthFailure(
                    "The server offers only SCRAM-SHA-256-PLUS, but channel binding is "
                            + (bind ? "not possible here." : "disabled."));
        } finally {
            Arrays.fill(password, '\0');
        }
    }

    private static void checkOffer(
            AuthPolicy policy, List<String> offered, ChannelSecurity security) {
        if (!offered.contains(PLAIN) && !offered.contains(PLUS)) {
            throw new AuthFailure(
                    "The server offers no SCRAM-SHA-256 but only "
                            + ServerMessage.shown(offered.toString())
                            + ".");
        }
        if (policy.requiresBinding()) {
            if (security.endPoint() == null) {
                throw new AuthFailure(
                        "Channel binding is required, but "
                                + (security.encrypted()
                                        ? "the server's certificate has no hash to bind to."
                                        : "the connection has no TLS to bind to."));
            }
            if (!offered.contains(PLUS)) {
                throw new AuthFailure(
                        "Channel binding is required, but the server does not offer"
                                + " SCRAM-SHA-256-PLUS; somebody between may have taken it away.");
            }
        }
    }

    /** SASLInitialResponse. */
    Buffer first() {
        return FrontendMessage.saslInitialResponse(
                client.getScramMechanism().getName(), client.clientFirstMessage().toString());
    }

    /**
     * The answer to the server's first message, as work that takes long (PBKDF2). The number of
     * rounds is checked here, before any of them is done.
     */
    Callable<Buffer> prove(String serverFirst) {
        int rounds;
        try {
            rounds = client.serverFirstMessage(serverFirst).getIterationCount();
        } catch (ScramException | IllegalArgumentException e) {
            throw new AuthFailure("The server's first SCRAM message is malformed.");
        }
        if (rounds < AuthPolicy.MIN_SCRAM_ITERATIONS || rounds > policy.maxScramIterations()) {
            throw new AuthFailure(
                    "The server asks for "
                            + rounds
                            + " SCRAM iterations; allowed are "
                            + AuthPolicy.MIN_SCRAM_ITERATIONS
                            + " to "
                            + policy.maxScramIterations()
                            + ".");
        }
        return () -> {
            try {
                return FrontendMessage.saslResponse(client.clientFinalMessage().toString());
            } catch (RuntimeException e) {
                throw new AuthFailure(
                        "No SCRAM proof can be made: the server's salt is malformed, or the password"
                                + " is empty once it is prepared (SASLprep).");
            }
        };
    }

    /**
     * @throws AuthFailure unless the server proves that it knows the password too
     */
    void verify(String serverFinal) {
        try {
            var _ = client.serverFinalMessage(serverFinal);
        } catch (ScramException | RuntimeException e) {
            throw new AuthFailure(
                    "The server failed to prove that it knows the password: its SCRAM signature is"
                            + " missing or wrong.");
        }
    }
}
