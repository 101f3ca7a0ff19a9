package dev.walmonitor.admin.doors;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CredentialsTest {
    private static final String SECRET = "c4nary-secret";

    @Test
    void whatTheHeaderSaysIsTold() {
        assertThat(Credentials.of(null)).isEqualTo(new Credentials.None());
        assertThat(Credentials.of("Bearer abc")).isEqualTo(new Credentials.Bearer());
        assertThat(Credentials.of("basic " + encoded("anna:a:b")))
                .isEqualTo(new Credentials.Basic("anna", "a:b"));
        assertThat(Credentials.of("Basic " + encoded("ännä:größe")))
                .isEqualTo(new Credentials.Basic("ännä", "größe"));
    }

    @Test
    void whatCannotBeReadIsNobody() {
        for (String header :
                new String[] {
                    "",
                    "Basic",
                    "Basic ",
                    "Basic !!!",
                    "Digest x=y",
                    "Basic " + encoded("anna"),
                    "Basic " + encoded(":secret"),
                    "Basic /////w=="
                }) {
            assertThat(Credentials.of(header)).as(header).isEqualTo(new Credentials.Unreadable());
        }
    }

    @Test
    void noPasswordIsInAText() {
        assertThat(new Credentials.Basic("anna", SECRET)).hasToString("Basic[name=anna]");
        FixedPasswords fixed = new FixedPasswords(Optional.of(SECRET), Optional.empty());
        assertThat(fixed.names()).isEqualTo("operator");
        assertThat(new UserList.User(Role.VIEWER, "$2a$10$hash")).hasToString("viewer");
    }

    @Test
    void onlyTheRightPasswordOfTheRightUserIsLetIn() {
        FixedPasswords fixed = new FixedPasswords(Optional.of(SECRET), Optional.of(" "));
        assertThat(fixed.visitor("operator", SECRET))
                .contains(new Visitor("operator", Role.OPERATOR));
        assertThat(fixed.visitor("operator", SECRET + " ")).isEmpty();
        assertThat(fixed.visitor("operator", "")).isEmpty();
        assertThat(fixed.visitor("viewer", SECRET)).isEmpty();
        assertThat(fixed.visitor("viewer", " ")).as("blank is not set").isEmpty();
        assertThat(fixed.visitor("none", SECRET)).isEmpty();
        assertThat(fixed.names()).isEqualTo("operator");
        assertThat(new FixedPasswords(Optional.of(""), Optional.empty()).isEmpty()).isTrue();
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
