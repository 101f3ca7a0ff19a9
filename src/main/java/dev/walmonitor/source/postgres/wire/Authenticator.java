package dev.walmonitor.source.postgres.wire;

import dev.walmonitor.source.postgres.wire.BackendMessage.AuthenticationCleartextPassword;
import dev.walmonitor.source.postgres.wire.BackendMessage.AuthenticationMd5Password;
import dev.walmonitor.source.postgres.wire.BackendMessage.AuthenticationOk;
import dev.walmonitor.source.postgres.wire.BackendMessage.AuthenticationSasl;
import dev.walmonitor.source.postgres.wire.BackendMessage.AuthenticationSaslContinue;
import dev.walmonitor.source.postgres.wire.BackendMessage.AuthenticationSaslFinal;
import dev.walmonitor.source.postgres.wire.BackendMessage.AuthenticationUnsupported;
import dev.walmonitor.source.postgres.wire.WireException.AuthFailure;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * One authentication exchange, owned by one connection's event loop.
 *
 * <pre>
 * asked nothing ──Ok──▶ done                 only without a password, or where NONE is allowed
 *       ├──Cleartext, MD5──▶ password sent ──Ok──▶ done
 *       └──SASL──▶ begun ──Continue──▶ proved ──Final──▶ server verified ──Ok──▶ done
 * </pre>
 *
 * Every other message, and every method that the policy does not allow, ends it with an {@link
 * AuthFailure}; so a server can neither skip a step nor change to a weaker method half way. With
 * channel binding required, only SCRAM-SHA-256-PLUS leads to done.
 */
final class Authenticator {

    /** What is to be done after a message of the server. */
    sealed interface Step {
        /** Send this. */
        record Send(Buffer message) implements Step {}

        /** Do this off the event loop, for it takes long, and send what it gives. */
        record Derive(Callable<Buffer> work) implements Step {}

        /** Wait for the next message. */
        record Wait() implements Step {}

        /** We are in. */
        record Done() implements Step {}
    }

    private enum State {
        ASKED_NOTHING("before it asked for anything"),
        PASSWORD_SENT("after the password"),
        SCRAM_BEGUN("as first answer of the SCRAM exchange"),
        SCRAM_PROVED("as last answer of the SCRAM exchange"),
        SERVER_VERIFIED("after the SCRAM exchange"),
        DONE("after the end of the authentication");

        private final String when;

        State(String when) {
            this.when = when;
        }
    }

    private final AuthPolicy policy;
    private final Credentials credentials;
    private final ChannelSecurity security;
    private State state = State.ASKED_NOTHING;
    private @Nullable ScramExchange scram;

    Authenticator(AuthPolicy policy, Credentials credentials, ChannelSecurity security) {
        this.policy = policy;
        this.credentials = credentials;
        this.security = security;
    }

    boolean isDone() {
        return state == State.DONE;
    }

    /**
     * @throws AuthFailure if we do not go along
     */
    Step receive(BackendMessage.Authentication request) {
        return switch (request) {
            case AuthenticationOk _ -> accepted();
            case AuthenticationCleartextPassword _ -> cleartext();
            case AuthenticationMd5Password md5 -> md5(md5.salt());
            case AuthenticationSasl sasl -> {
                enter(State.ASKED_NOTHING, State.SCRAM_BEGUN, "a SASL request");
                scram = ScramExchange.begin(policy, credentials, sasl.mechanisms(), security);
                yield new Step.Send(scram.first());
            }
            case AuthenticationSaslContinue next -> {
                enter(State.SCRAM_BEGUN, State.SCRAM_PROVED, "a SASL continuation");
                yield new Step.Derive(scram().prove(next.data()));
            }
            case AuthenticationSaslFinal last -> {
                enter(State.SCRAM_PROVED, State.SERVER_VERIFIED, "a SASL outcome");
                scram().verify(last.data());
                yield new Step.Wait();
            }
            case AuthenticationUnsupported other ->
                    throw new AuthFailure(
                            "The server asks for authentication by "
                                    + other.method()
                                    + " ("
                                    + other.code()
                                    + "), which WAL Monitor does not have; give the user a"
                                    + " scram-sha-256 line in pg_hba.conf.");
        };
    }

    private Step accepted() {
        switch (state) {
            case ASKED_NOTHING -> checkUnasked();
            case PASSWORD_SENT, SERVER_VERIFIED -> {}
            case SCRAM_BEGUN, SCRAM_PROVED ->
                    throw new AuthFailure(
                            "The server let the user "
                                    + credentials.user()
                                    + " in before the SCRAM exchange was over, so it has not proved"
                                    + " that it knows the password.");
            case DONE -> throw unexpected("a second success");
        }
        state = State.DONE;
        return new Step.Done();
    }

    private void checkUnasked() {
        if (policy.requiresBinding()) {
            throw new AuthFailure(
                    "The server let the user "
                            + credentials.user()
                            + " in without a SCRAM exchange, but channel binding is required.");
        }
        if (credentials.hasPassword() && !policy.allows(AuthMethod.NONE)) {
            throw new AuthFailure(
                    "The server let the user "
                            + credentials.user()
                            + " in without asking for the password, so it has not proved that it"
                            + " knows it. If pg_hba.conf means that (trust, peer, cert), leave the"
                            + " password out of the URL or add require_auth=scram-sha-256,none to it.");
        }
    }

    private Step cleartext() {
        enter(State.ASKED_NOTHING, State.PASSWORD_SENT, "a request for the password");
        checkAllowed(AuthMethod.CLEARTEXT, "the password in cleartext");
        if (!security.encrypted() && !policy.cleartextWithoutTls()) {
            throw new AuthFailure(
                    "The server asks for the password in cleartext on a connection without TLS,"
                            + " which is not allowed.");
        }
        byte[] password = password("the password");
        Buffer message = FrontendMessage.password(password);
        Arrays.fill(password, (byte) 0);
        return new Step.Send(message);
    }

    private Step md5(int salt) {
        enter(State.ASKED_NOTHING, State.PASSWORD_SENT, "a request for an MD5 hash");
        checkAllowed(AuthMethod.MD5, "an MD5 hash of the password");
        byte[] password = password("the password");
        byte[] user = credentials.user().getBytes(StandardCharsets.UTF_8);
        byte[] salted = Buffer.buffer(4).appendInt(salt).getBytes();
        byte[] answer = ascii("md5" + md5Hex(ascii(md5Hex(password, user)), salted));
        Arrays.fill(password, (byte) 0);
        return new Step.Send(FrontendMessage.password(answer));
    }

    private byte[] password(String asked) {
        char[] password = credentials.password();
        if (password == null) {
            throw missingPassword(credentials, asked);
        }
        byte[] bytes = FrontendMessage.utf8(password);
        Arrays.fill(password, '\0');
        return bytes;
    }

    static AuthFailure missingPassword(Credentials credentials, String asked) {
        return new AuthFailure(
                "The server asks for "
                        + asked
                        + " of the user "
                        + credentials.user()
                        + ", but none is configured.");
    }

    private void checkAllowed(AuthMethod method, String asked) {
        if (policy.requiresBinding()) {
            throw new AuthFailure(
                    "The server asks for "
                            + asked
                            + ", but channel binding is required, which only SCRAM-SHA-256-PLUS"
                            + " has.");
        }
        if (!policy.allows(method)) {
            throw new AuthFailure(
                    "The server asks for "
                            + asked
                            + ", which is not allowed; store the password as scram-sha-256 (SET"
                            + " password_encryption, ALTER ROLE) or name the method in the URL's require_auth.");
        }
    }

    private void enter(State from, State to, String what) {
        if (state != from) {
            throw unexpected(what);
        }
        state = to;
    }

    private AuthFailure unexpected(String what) {
        return new AuthFailure("The server sent " + what + " " + state.when + ".");
    }

    private ScramExchange scram() {
        if (scram == null) {
            throw new IllegalStateException("no SCRAM exchange in state " + state);
        }
        return scram;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String md5Hex(byte[] first, byte[] second) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update(first);
            return HexFormat.of().formatHex(digest.digest(second));
        } catch (NoSuchAlgorithmException e) {
            throw new AuthFailure(
                    "The server asks for an MD5 hash of the password, which this Java runtime"
                            + " does not have.");
        }
    }
}
