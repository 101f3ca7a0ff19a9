package dev.walmonitor.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PasswordFileTest {
    @TempDir Path directory = Path.of("");

    private PasswordFile file(String content) throws IOException {
        Path path = directory.resolve("password");
        Files.writeString(path, content);
        return new PasswordFile(path);
    }

    private static void fails(PasswordFile file, String what) {
        assertThatThrownBy(file::password)
                .isInstanceOf(NoLogin.class)
                .hasMessage("The password file " + file.path() + " " + what + ".");
    }

    @ParameterizedTest
    @CsvSource({
        "'s3cret', 's3cret'",
        "'s3cret\n', 's3cret'",
        "'s3cret\r\n', 's3cret'",
        "'s3cret\n\n', 's3cret\n'",
        "'s3cret\r', 's3cret\r'",
        "' s3cret ', ' s3cret '",
        "'пароль\n', 'пароль'"
    })
    void oneLineEndIsNoPartOfThePassword(String content, String password) throws IOException {
        assertThat(file(content).password().value()).isEqualTo(password);
    }

    @Test
    void whatWasWrittenSinceIsReadTheNextTime() throws IOException {
        PasswordFile file = file("one");
        assertThat(file.password().value()).isEqualTo("one");
        var _ = file("two");
        assertThat(file.password().value()).isEqualTo("two");
    }

    @Test
    void whatIsNoPasswordIsSaidWithTheFile() throws IOException {
        fails(new PasswordFile(directory.resolve("nowhere")), "does not exist");
        fails(new PasswordFile(directory), "cannot be read: Is a directory");
        fails(file(""), "is empty");
        fails(file("\n"), "is empty");
        fails(file("x".repeat((64 << 10) + 1)), "is longer than 65536 bytes, which no password is");
        Path path = directory.resolve("latin1");
        Files.write(path, "gr\u00FC\u00DFe".getBytes(StandardCharsets.ISO_8859_1));
        fails(new PasswordFile(path), "is not text in UTF-8");
    }
}
