package dev.walmonitor.handler.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignerTest {
    /** Those of the reference libraries' own tests. */
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static final String SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    private static final String ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private static final String BODY = "{\"test\": 2432232314}";

    @Test
    void signsAsTheReferenceLibrariesDo() {
        assertThat(Signer.of(List.of(SECRET)).sign(ID, 1614265330, BODY)).isEqualTo(SIGNATURE);
    }

    @Test
    void everySecretMakesASignature() {
        String signatures = Signer.of(List.of(secret(32), SECRET)).sign(ID, 1614265330, BODY);

        assertThat(signatures).endsWith(" " + SIGNATURE);
        assertThat(signatures.split(" ", -1)).hasSize(2);
    }

    @Test
    void aSecretThatIsNoneIsToldWithoutShowingIt() {
        assertRefused("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "secret 2 does not begin with whsec_");
        assertRefused("whsec_hush hush", "secret 2 is not base64 behind whsec_");
        assertRefused(secret(23), "secret 2 has 23 bytes, expected 24 to 64");
        assertRefused(secret(65), "secret 2 has 65 bytes, expected 24 to 64");
        assertThat(Signer.of(List.of(SECRET, secret(64)))).hasToString("2 secrets");
    }

    private static void assertRefused(String secret, String message) {
        assertThatThrownBy(() -> Signer.of(List.of(SECRET, secret)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasNoCause()
                .hasMessage(message);
    }

    private static String secret(int bytes) {
        return "whsec_" + Base64.getEncoder().encodeToString(new byte[bytes]);
    }
}
