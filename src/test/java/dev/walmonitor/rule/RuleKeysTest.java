package dev.walmonitor.rule;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithParentName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RuleKeysTest {

    /** The keys of some action, as its package maps them. */
    @ConfigMapping(prefix = RulesConfig.PREFIX)
    interface Shouts {
        @WithParentName
        Map<String, Shout> rules();

        interface Shout {
            Optional<Voice> shout();
        }

        interface Voice {
            Optional<String> text();

            Optional<List<String>> names();
        }
    }

    @Test
    void knownKeysAreNoFaults() {
        assertThat(
                        faults(
                                """
                                tables: [a, b]
                                events: insert
                                changed: [x]
                                retry: { backoff: 1s, max-backoff: 2s }
                                shout: { text: hi, names: [a, b] }
                                """))
                .isEmpty();
    }

    @Test
    void anUnknownKeyIsToldWithTheNearestKnownOne() {
        assertThat(faults("tabels: [a, b]"))
                .containsExactly("Rule \"r\": unknown key \"tabels\"; did you mean \"tables\"?");
        assertThat(faults("retry: { back-off: 1s }"))
                .containsExactly(
                        "Rule \"r\": unknown key \"retry.back-off\"; did you mean \"retry.backoff\"?");
        assertThat(faults("shout: { txet: hi }"))
                .containsExactly(
                        "Rule \"r\": unknown key \"shout.txet\"; did you mean \"shout.text\"?");
    }

    @Test
    void anUnknownKeyThatIsNearNoneIsToldWithAll() {
        assertThat(faults("quack: x\nwhisper: { a: { b: 1 }, c: [1, 2] }"))
                .containsExactly(
                        "Rule \"r\": unknown key \"quack\"; there is: changed, events, on-exhausted,"
                                + " order, paused, retry, shout, source, tables, when.",
                        "Rule \"r\": unknown key \"whisper\"; there is: changed, events, on-exhausted,"
                                + " order, paused, retry, shout, source, tables, when.");
    }

    @Test
    void aKeyOfTheWrongShapeIsAFault() {
        assertThat(faults("shout: hi"))
                .containsExactly(
                        "Rule \"r\": the key \"shout\" has a value of its own; it only holds"
                                + " shout.names, shout.text.");
        assertThat(faults("tables: { a: b }"))
                .containsExactly(
                        "Rule \"r\": unknown key \"tables.a\"; \"tables\" has a value and nothing"
                                + " below it.");
    }

    private static List<String> faults(String rule) {
        List<Class<?>> mappings = List.of(RulesConfig.class, Shouts.class);
        RulesText text = RulesYaml.of("r:\n" + rule.indent(2)).text();
        Set<String> written = text.written(mappings).getOrDefault("r", Set.of());
        return new RuleKeys(mappings).faults("r", written).stream().map(Fault::message).toList();
    }
}
