package dev.walmonitor.source.postgres.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.source.postgres.wire.Authenticator.Step;
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
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AuthenticatorTest {
    private static final String PASSWORD = "s3cret-canary";
    private static final byte[] END_POINT = Backend.utf8("0123456789abcdef0123456789abcdef");
    private static final ChannelSecurity TLS = new ChannelSecurity(true, END_POINT);
    private static final AuthPolicy ANY =
            AuthPolicy.DEFAULT.withMethods(Set.of(AuthMethod.values()));
    private static final AuthPolicy BOUND = ANY.withChannelBinding(ChannelBinding.REQUIRE);
    private static final List<String> BOTH = List.of("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256");
    private static final List<String> PLAIN = List.of("SCRAM-SHA-256");

    private static Authenticator authenticator(AuthPolicy policy, ChannelSecurity security) {
        return new Authenticator(policy, Credentials.of("app", PASSWORD.toCharArray()), security);
    }

    private static Authenticator withoutPassword(AuthPolicy policy) {
        return new Authenticator(
                policy, Credentials.withoutPassword("app"), ChannelSecurity.PLAINTEXT);
    }

    /** The body of the message that a step sends or derives. */
    private static byte[] body(Step step) {
        Buffer message =
                switch (step) {
                    case Step.Send send -> send.message();
                    case Step.Derive derive -> {
                        try {
                            yield derive.work().call();
                        } catch (RuntimeException e) {
                            throw e;
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    }
                    case Step.Wait _, Step.Done _ -> throw new AssertionError("nothing to send");
                };
        assertThat(message.getByte(0)).isEqualTo((byte) 'p');
        assertThat(message.getInt(1)).isEqualTo(message.length() - 1);
        return message.getBytes(5, message.length());
    }

    private static void scram(Authenticator authenticator, List<String> offered, String chosen) {
        ScramServer server = new ScramServer(PASSWORD);
        byte[] initial = body(authenticator.receive(new AuthenticationSasl(offered)));
        assertThat(ScramServer.initialMechanism(initial)).isEqualTo(chosen);
        String first = server.first(ScramServer.initialData(initial), 4096);
        Step step = authenticator.receive(new AuthenticationSaslContinue(first));
        assertThat(step).isInstanceOf(Step.Derive.class);
        String proof = new String(body(step), StandardCharsets.UTF_8);
        String last = server.last(proof, 4096, END_POINT);
        assertThat(authenticator.receive(new AuthenticationSaslFinal(last)))
                .isEqualTo(new Step.Wait());
        assertThat(authenticator.isDone()).isFalse();
        assertThat(authenticator.receive(new AuthenticationOk())).isEqualTo(new Step.Done());
        assertThat(authenticator.isDone()).isTrue();
    }

    private static void refused(
            Authenticator authenticator, BackendMessage.Authentication request, String sentence) {
        assertThatThrownBy(() -> authenticator.receive(request))
                .isInstanceOf(AuthFailure.class)
                .hasMessage(sentence);
        assertThat(authenticator.isDone()).isFalse();
    }

    /** An exchange up to the server's first message. */
    private static Authenticator begun(AuthPolicy policy) {
        Authenticator authenticator = authenticator(policy, ChannelSecurity.PLAINTEXT);
        assertThat(authenticator.receive(new AuthenticationSasl(PLAIN)))
                .isInstanceOf(Step.Send.class);
        return authenticator;
    }

    private static String serverFirst(Authenticator authenticator, String iterations) {
        byte[] initial = body(authenticator.receive(new AuthenticationSasl(PLAIN)));
        String first = new ScramServer(PASSWORD).first(ScramServer.initialData(initial), 1);
        return first.substring(0, first.lastIndexOf('=') + 1) + iterations;
    }

    @Test
    void scramInPlaintextHasNoBinding() {
        scram(authenticator(AuthPolicy.DEFAULT, ChannelSecurity.PLAINTEXT), PLAIN, "SCRAM-SHA-256");
    }

    @Test
    void scramInTlsBindsItselfToTheChannel() {
        scram(authenticator(AuthPolicy.DEFAULT, TLS), BOTH, "SCRAM-SHA-256-PLUS");
        scram(authenticator(BOUND, TLS), BOTH, "SCRAM-SHA-256-PLUS");
    }

    @Test
    void scramInTlsWithoutBindingWhereItIsDisabled() {
        scram(
                authenticator(ANY.withChannelBinding(ChannelBinding.DISABLE), TLS),
                BOTH,
                "SCRAM-SHA-256");
    }

    @Test
    void f15_aServerThatCannotBindIsToldThatWeCould() {
        byte[] initial =
                body(authenticator(AuthPolicy.DEFAULT, TLS).receive(new AuthenticationSasl(PLAIN)));
        // With 'y' an honest server notices that somebody took its -PLUS away (RFC 5802, 6).
        assertThat(ScramServer.initialData(initial)).startsWith("y,,n=*,r=");
    }

    @Test
    void f15_aRequiredBindingRefusesEverythingElse() {
        refused(
                authenticator(BOUND, TLS),
                new AuthenticationSasl(PLAIN),
                "Channel binding is required, but the server does not offer SCRAM-SHA-256-PLUS;"
                        + " somebody between may have taken it away.");
        refused(
                authenticator(BOUND, ChannelSecurity.PLAINTEXT),
                new AuthenticationSasl(BOTH),
                "Channel binding is required, but the connection has no TLS to bind to.");
        refused(
                authenticator(BOUND, new ChannelSecurity(true, null)),
                new AuthenticationSasl(BOTH),
                "Channel binding is required, but the server's certificate has no hash to bind"
                        + " to.");
        refused(
                authenticator(BOUND, TLS),
                new AuthenticationMd5Password(1),
                "The server asks for an MD5 hash of the password, but channel binding is required,"
                        + " which only SCRAM-SHA-256-PLUS has.");
        refused(
                authenticator(BOUND, TLS),
                new AuthenticationCleartextPassword(),
                "The server asks for the password in cleartext, but channel binding is required,"
                        + " which only SCRAM-SHA-256-PLUS has.");
        refused(
                authenticator(BOUND, TLS),
                new AuthenticationOk(),
                "The server let the user app in without a SCRAM exchange, but channel binding is"
                        + " required.");
    }

    @Test
    void f15_onlyScramIsAllowedUnlessMoreIs() {
        refused(
                authenticator(AuthPolicy.DEFAULT, TLS),
                new AuthenticationMd5Password(1),
                "The server asks for an MD5 hash of the password, which is not allowed; store the"
                        + " password as scram-sha-256 (SET password_encryption, ALTER ROLE) or name"
                        + " the method in the URL's require_auth.");
        refused(
                authenticator(AuthPolicy.DEFAULT, TLS),
                new AuthenticationCleartextPassword(),
                "The server asks for the password in cleartext, which is not allowed; store the"
                        + " password as scram-sha-256 (SET password_encryption, ALTER ROLE) or name"
                        + " the method in the URL's require_auth.");
        refused(
                authenticator(ANY.withMethods(Set.of(AuthMethod.MD5)), TLS),
                new AuthenticationSasl(BOTH),
                "The server asks for SCRAM-SHA-256, which is not allowed.");
    }

    @Test
    void f15_aServerThatDoesNotAskForTheConfiguredPasswordIsRefused() {
        refused(
                authenticator(AuthPolicy.DEFAULT, TLS),
                new AuthenticationOk(),
                "The server let the user app in without asking for the password, so it has not"
                        + " proved that it knows it. If pg_hba.conf means that (trust, peer, cert),"
                        + " leave the password out of the URL or add require_auth=scram-sha-256,none to it.");
        assertThat(authenticator(ANY, TLS).receive(new AuthenticationOk()))
                .isEqualTo(new Step.Done());
        assertThat(withoutPassword(AuthPolicy.DEFAULT).receive(new AuthenticationOk()))
                .isEqualTo(new Step.Done());
    }

    @Test
    void md5IsTheHashThatTheProtocolDescribes() {
        Authenticator authenticator = authenticator(ANY, ChannelSecurity.PLAINTEXT);
        Step step = authenticator.receive(new AuthenticationMd5Password(0x01020304));
        // printf 's3cret-canaryapp' | md5sum, then with the salt's four bytes after its text.
        assertThat(new String(body(step), StandardCharsets.US_ASCII))
                .isEqualTo("md52cace4de503dc1c05be8340be007c739\0");
        assertThat(authenticator.receive(new AuthenticationOk())).isEqualTo(new Step.Done());
    }

    @Test
    void cleartextOnlyInTlsUnlessPlaintextIsAllowedToo() {
        refused(
                authenticator(ANY, ChannelSecurity.PLAINTEXT),
                new AuthenticationCleartextPassword(),
                "The server asks for the password in cleartext on a connection without TLS, which"
                        + " is not allowed.");
        for (Authenticator allowed :
                List.of(
                        authenticator(ANY, TLS),
                        authenticator(
                                ANY.withCleartextWithoutTls(true), ChannelSecurity.PLAINTEXT))) {
            Step step = allowed.receive(new AuthenticationCleartextPassword());
            assertThat(body(step)).isEqualTo(Backend.string(PASSWORD));
            assertThat(allowed.receive(new AuthenticationOk())).isEqualTo(new Step.Done());
        }
    }

    @Test
    void aPasswordThatIsNotThereIsSaidSo() {
        String sentence =
                "The server asks for the password of the user app, but none is configured.";
        refused(withoutPassword(ANY), new AuthenticationSasl(PLAIN), sentence);
        refused(withoutPassword(ANY), new AuthenticationMd5Password(1), sentence);
        refused(
                withoutPassword(ANY.withCleartextWithoutTls(true)),
                new AuthenticationCleartextPassword(),
                sentence);
    }

    @Test
    void f15_iterationsAreBoundedBeforeAnyIsDone() {
        for (String asked : List.of("1", "4095", "100001", "2147483647")) {
            Authenticator authenticator =
                    authenticator(AuthPolicy.DEFAULT, ChannelSecurity.PLAINTEXT);
            refused(
                    authenticator,
                    new AuthenticationSaslContinue(serverFirst(authenticator, asked)),
                    "The server asks for "
                            + asked
                            + " SCRAM iterations; allowed are 4096 to 100000.");
        }
    }

    @Test
    void f15_aMalformedFirstMessageIsRefused() {
        for (String malformed :
                List.of("", "r=", "r=other,s=c2FsdA==,i=4096", "e=other-error", "x", "r=a,i=1")) {
            refused(
                    begun(AuthPolicy.DEFAULT),
                    new AuthenticationSaslContinue(malformed),
                    "The server's first SCRAM message is malformed.");
        }
        for (String iterations : List.of("", "-1", "0", "x", "99999999999")) {
            Authenticator authenticator =
                    authenticator(AuthPolicy.DEFAULT, ChannelSecurity.PLAINTEXT);
            refused(
                    authenticator,
                    new AuthenticationSaslContinue(serverFirst(authenticator, iterations)),
                    "The server's first SCRAM message is malformed.");
        }
    }

    @Test
    void f15_aMalformedSaltIsRefused() {
        Authenticator authenticator = authenticator(AuthPolicy.DEFAULT, ChannelSecurity.PLAINTEXT);
        String first = serverFirst(authenticator, "4096");
        String salted = first.replaceFirst(",s=[^,]*,", ",s=*not*base64*,");
        Step step = authenticator.receive(new AuthenticationSaslContinue(salted));
        assertThatThrownBy(() -> body(step))
                .isInstanceOf(AuthFailure.class)
                .hasMessage(
                        "No SCRAM proof can be made: the server's salt is malformed, or the password"
                                + " is empty once it is prepared (SASLprep).");
    }

    @Test
    void f15_aServerWithoutTheRightSignatureIsRefused() {
        String wrong =
                "The server failed to prove that it knows the password: its SCRAM signature is"
                        + " missing or wrong.";
        String other = "v=" + "A".repeat(43) + "=";
        for (String last : Arrays.asList(other, "v=", "", "e=invalid-proof", "nonsense")) {
            Authenticator authenticator =
                    authenticator(AuthPolicy.DEFAULT, ChannelSecurity.PLAINTEXT);
            String first = serverFirst(authenticator, "4096");
            assertThat(body(authenticator.receive(new AuthenticationSaslContinue(first))))
                    .isNotEmpty();
            refused(authenticator, new AuthenticationSaslFinal(last), wrong);
        }
    }

    @Test
    void f15_noStepCanBeLeftOut() {
        String early =
                "The server let the user app in before the SCRAM exchange was over, so it has not"
                        + " proved that it knows the password.";
        refused(begun(ANY), new AuthenticationOk(), early);
        Authenticator proved = authenticator(ANY, ChannelSecurity.PLAINTEXT);
        String first = serverFirst(proved, "4096");
        assertThat(body(proved.receive(new AuthenticationSaslContinue(first)))).isNotEmpty();
        refused(proved, new AuthenticationOk(), early);
        refused(
                authenticator(ANY, TLS),
                new AuthenticationSaslContinue("r=x"),
                "The server sent a SASL continuation before it asked for anything.");
        refused(
                begun(ANY),
                new AuthenticationSaslFinal("v=x"),
                "The server sent a SASL outcome as first answer of the SCRAM exchange.");
    }

    @Test
    void f15_theMethodCannotBeWeakenedHalfWay() {
        refused(
                begun(ANY.withCleartextWithoutTls(true)),
                new AuthenticationCleartextPassword(),
                "The server sent a request for the password as first answer of the SCRAM"
                        + " exchange.");
        Authenticator authenticator = authenticator(ANY, TLS);
        assertThat(authenticator.receive(new AuthenticationMd5Password(1)))
                .isInstanceOf(Step.Send.class);
        refused(
                authenticator,
                new AuthenticationCleartextPassword(),
                "The server sent a request for the password after the password.");
    }

    @Test
    void aMethodThatWeDoNotHaveIsNamed() {
        refused(
                authenticator(ANY, TLS),
                new AuthenticationUnsupported(7, "GSSAPI"),
                "The server asks for authentication by GSSAPI (7), which WAL Monitor does not have;"
                        + " give the user a scram-sha-256 line in pg_hba.conf.");
        refused(
                authenticator(ANY, TLS),
                new AuthenticationSasl(List.of("SCRAM-SHA-1", "OAUTHBEARER\n")),
                "The server offers no SCRAM-SHA-256 but only [SCRAM-SHA-1, OAUTHBEARER ].");
        refused(
                authenticator(ANY.withChannelBinding(ChannelBinding.DISABLE), TLS),
                new AuthenticationSasl(List.of("SCRAM-SHA-256-PLUS")),
                "The server offers only SCRAM-SHA-256-PLUS, but channel binding is disabled.");
        refused(
                authenticator(ANY, ChannelSecurity.PLAINTEXT),
                new AuthenticationSasl(List.of("SCRAM-SHA-256-PLUS")),
                "The server offers only SCRAM-SHA-256-PLUS, but channel binding is not possible"
                        + " here.");
    }

    @Test
    void passwordsOutsideAsciiAreSentAsTheServerKeepsThem() {
        Authenticator authenticator =
                new Authenticator(ANY, Credentials.of("app", "päß€𝄞".toCharArray()), TLS);
        assertThat(body(authenticator.receive(new AuthenticationCleartextPassword())))
                .isEqualTo(Backend.string("päß€𝄞"));
    }
}
