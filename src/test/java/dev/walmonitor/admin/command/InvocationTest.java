package dev.walmonitor.admin.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InvocationTest {
    private static final URI FILE = Path.of("pom.xml").toAbsolutePath().toUri();

    private static Map<String, String> settings(String... arguments) {
        return Invocation.of(arguments).settings();
    }

    @Test
    void theServiceIsConfiguredAsEver() {
        assertThat(settings()).isEmpty();
        assertThat(settings("serve")).isEmpty();
    }

    @Test
    void aCommandStartsNoService() {
        assertThat(settings("--help")).containsExactly(Map.entry("wal-monitor.command", "--help"));
        assertThat(settings("rules")).containsExactly(Map.entry("wal-monitor.command", "rules"));
    }

    @Test
    void theRulesComeFromTheFileWhereverItStands() {
        Map<String, String> expected =
                Map.of(
                        "wal-monitor.command", "rules",
                        "wal-monitor.command.rules", FILE.getRawPath(),
                        "smallrye.config.locations", FILE.toString());

        assertThat(settings("rules", "check", "pom.xml")).isEqualTo(expected);
        assertThat(settings("rules", "test", "pom.xml", "--change", "c.json")).isEqualTo(expected);
        assertThat(settings("rules", "test", "--change", "c.json", "pom.xml")).isEqualTo(expected);
        assertThat(settings("rules", "test", "--change=c.json", "pom.xml")).isEqualTo(expected);
    }

    @Test
    void aFileThatIsNotThereIsLeftToTheCommand() {
        assertThat(settings("rules", "check", "nowhere.yaml"))
                .containsExactly(Map.entry("wal-monitor.command", "rules"));
    }
}
