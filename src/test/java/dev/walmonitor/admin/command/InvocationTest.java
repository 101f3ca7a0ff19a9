package dev.walmonitor.admin.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InvocationTest {
    private static final String FILE = Path.of("rules.yaml").toAbsolutePath().toUri().toString();

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
                        "wal-monitor.command.rules", FILE,
                        "smallrye.config.locations", FILE);

        assertThat(settings("rules", "check", "rules.yaml")).isEqualTo(expected);
        assertThat(settings("rules", "test", "rules.yaml", "--change", "c.json"))
                .isEqualTo(expected);
        assertThat(settings("rules", "test", "--change", "c.json", "rules.yaml"))
                .isEqualTo(expected);
        assertThat(settings("rules", "test", "--change=c.json", "rules.yaml")).isEqualTo(expected);
    }
}
