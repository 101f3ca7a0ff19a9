package dev.walmonitor.source.postgres.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SqlTest {

    @Test
    void namesAreQuotedAlways() {
        assertThat(Sql.identifier("wal_monitor")).isEqualTo("\"wal_monitor\"");
        assertThat(Sql.identifier("My \"Table\"")).isEqualTo("\"My \"\"Table\"\"\"");
        assertThat(Sql.identifier("x'); DROP TABLE t; --")).isEqualTo("\"x'); DROP TABLE t; --\"");
    }

    @Test
    void textsAreQuotedAndBackslashesMeanNothing() {
        assertThat(Sql.literal("")).isEqualTo("''");
        assertThat(Sql.literal("x'); DROP TABLE t; --")).isEqualTo("'x''); DROP TABLE t; --'");
        assertThat(Sql.literal("\\'")).isEqualTo("'\\'''");
    }

    @Test
    void whatCannotBeQuotedIsRefused() {
        assertThatThrownBy(() -> Sql.literal("a\0b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Expected a text without control characters, got U+0000 at character 1");
        assertThatThrownBy(() -> Sql.identifier("a\nb"))
                .hasMessage(
                        "Expected a name without control characters, got U+000A at character 1");
        assertThatThrownBy(() -> Sql.identifier("\ud800"))
                .hasMessage("Expected a name in Unicode, got a lone surrogate");
        assertThatThrownBy(() -> Sql.identifier(""))
                .hasMessage("Expected a name of 1 to 63 bytes, got 0 bytes");
        assertThatThrownBy(() -> Sql.identifier("ä".repeat(32)))
                .hasMessage("Expected a name of 1 to 63 bytes, got 64 bytes");
    }

    @Test
    void randomTextsComeBackFromAScannerOrAreRefused() {
        Seeds.forEach(
                20_000,
                random -> {
                    StringBuilder text = new StringBuilder();
                    for (int n = random.nextInt(20); n > 0; n--) {
                        text.appendCodePoint(
                                switch (random.nextInt(4)) {
                                    case 0 -> "'\"\\;-$".charAt(random.nextInt(6));
                                    case 1 -> random.nextInt(0x80);
                                    case 2 -> random.nextInt(0x3000);
                                    default -> random.nextInt(0x110000);
                                });
                    }
                    check(text.toString());
                });
    }

    private static void check(String text) {
        boolean sound =
                text.chars().noneMatch(Character::isISOControl)
                        && StandardCharsets.UTF_8.newEncoder().canEncode(text);
        if (!sound) {
            assertThatThrownBy(() -> Sql.literal(text))
                    .isInstanceOf(IllegalArgumentException.class);
            return;
        }
        assertThat(scan(Sql.literal(text), '\'')).isEqualTo(text);
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > 0 && bytes <= 63) {
            assertThat(scan(Sql.identifier(text), '"')).isEqualTo(text);
        } else {
            assertThatThrownBy(() -> Sql.identifier(text))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** Reads one quoted token as the server's scanner does; it must reach to the very end. */
    private static String scan(String quoted, char quote) {
        assertThat(quoted.charAt(0)).isEqualTo(quote);
        StringBuilder text = new StringBuilder();
        int i = 1;
        while (true) {
            char c = quoted.charAt(i++);
            if (c == quote) {
                if (i == quoted.length()) {
                    return text.toString();
                }
                assertThat(quoted.charAt(i++)).isEqualTo(quote);
            }
            text.append(c);
        }
    }
}
