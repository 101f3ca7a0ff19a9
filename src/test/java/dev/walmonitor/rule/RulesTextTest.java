package dev.walmonitor.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.rule.RulesConfig.RetryConfig;
import dev.walmonitor.rule.RulesConfig.RuleConfig;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.source.yaml.YamlConfigSource;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rules that are mapped a few at a time, against the same rules mapped all at once. */
class RulesTextTest {
    private static final String LISTS =
            """
            one: { tables: [a, "b,c", shop.*], events: "insert,update" }
            two: { tables: a, changed: ["x"], retry: { backoff: 1s, max-backoff: 2s } }
            """;

    @Test
    void listsOfYamlAndListsWithCommasAreRead() {
        assertSame(LISTS, Map.of(), Map.of());
        assertThat(read(config(LISTS, Map.of(), Map.of())))
                .containsEntry(
                        "one",
                        "Optional[[a, b,c, shop.*]] Optional[[insert, update]] Optional.empty"
                                + " Optional.empty Optional.empty Optional.empty");
    }

    @Test
    void namesWithDotsDashesAndSpacesAreRead() {
        assertSame(
                """
                "a.b": { tables: t, when: "true" }
                'a b "c"': { tables: t, when: "true" }
                price-drop: { tables: t, retry.backoff: 3s }
                UPPER_case: { tables: t }
                "1": { tables: t, unknown: { x: 1, y: [2, 3] } }
                """,
                Map.of(),
                Map.of());
    }

    @Test
    void whatIsEmptyIsAsIfItWereNotThere() {
        SmallRyeConfig config =
                config("a: { tables: t, when: '', changed: [], order: }", Map.of(), Map.of());

        assertThat(read(config))
                .containsEntry(
                        "a",
                        "Optional[[t]] Optional.empty Optional.empty Optional.empty Optional.empty"
                                + " Optional.empty");
    }

    @Test
    void expressionsAreResolved() {
        String rules =
                "a: { tables: [\"${TABLE}\"], when: \"${MISSING:after.x}\", order: '\\${no}' }";
        assertSame(rules, Map.of("TABLE", "roles"), Map.of());
        assertThat(read(config(rules, Map.of("TABLE", "roles"), Map.of())).get("a"))
                .startsWith("Optional[[roles]]")
                .contains("Optional[after.x]");
    }

    @Test
    void anExpressionOfNothingIsRefused() {
        SmallRyeConfig config = config("a: { tables: \"${NOWHERE}\" }", Map.of(), Map.of());

        assertThatThrownBy(() -> RulesText.of(config)).hasMessageContaining("NOWHERE");
    }

    @Test
    void propertiesSayItInsteadOfTheFile() {
        Map<String, String> properties =
                Map.of(
                        "wal-monitor.rules.one.tables[1]", "other",
                        "wal-monitor.rules.two.when", "after.x == 1",
                        "wal-monitor.rules.three.tables", "new,newer",
                        "wal-monitor.rules.\"fo.ur\".tables", "new");
        assertSame(LISTS, Map.of(), properties);
        assertThat(read(config(LISTS, Map.of(), properties)))
                .containsKeys("one", "two", "three", "fo.ur");
    }

    @Test
    void variablesSayItInsteadOfTheFile() {
        Map<String, String> variables =
                Map.of(
                        "WAL_MONITOR_RULES_ONE_EVENTS", "delete",
                        "WAL_MONITOR_RULES_TWO_WHEN", "${CONDITION}",
                        "CONDITION", "after.x == 1",
                        "WAL_MONITOR_RULES_TWO_RETRY_MAX_BACKOFF", "9s",
                        "WAL_MONITOR_RULES_THREE_TABLES", "new,newer",
                        "WAL_MONITOR_RULES_THREE_RETRY_MAX_BACKOFF", "8s");
        assertSame(LISTS, variables, Map.of());
        assertThat(read(config(LISTS, variables, Map.of())).get("two"))
                .contains("Optional[after.x == 1]")
                .endsWith("Optional[1s/9s]");
        assertThat(read(config(LISTS, variables, Map.of()))).containsKey("three");
    }

    @Test
    void aVariableMayBeAboutARuleWhoseNameHasADash() {
        Map<String, String> variables = Map.of("WAL_MONITOR_RULES_PRICE_DROP_WHEN", "after.x > 1");
        SmallRyeConfig config = config("price-drop: { tables: t }", variables, Map.of());

        assertThat(read(config).get("price-drop")).contains("Optional[after.x > 1]");
    }

    @Test
    void secretsAndProfilesAreRead() {
        SmallRyeConfigBuilder builder =
                builder("a: { tables: t, when: 'after.x > 1' }", Map.of(), Map.of())
                        .withSecretKeys("wal-monitor.rules.a.when")
                        .withProfile("night")
                        .withSources(
                                new PropertiesConfigSource(
                                        Map.of("%night.wal-monitor.rules.a.order", "none"),
                                        "night",
                                        200));

        assertThat(read(builder.build()).get("a"))
                .contains("Optional[after.x > 1]")
                .contains("Optional[none]");
    }

    @Test
    void tenTimesTheRulesTakeAboutTenTimesTheWork() {
        var _ = read(config(many(1_000), Map.of(), Map.of()));
        Duration thousand = timeToRead(1_000);
        Duration tenThousand = timeToRead(10_000);

        assertThat(tenThousand)
                .as("of 1000 rules %s", thousand)
                .isLessThan(thousand.plusMillis(50).multipliedBy(40));
    }

    private static Duration timeToRead(int rules) {
        SmallRyeConfig config = config(many(rules), Map.of(), Map.of());
        long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        assertThat(read(config)).hasSize(rules);
        return Duration.ofNanos(
                ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before);
    }

    private static String many(int rules) {
        return IntStream.range(0, rules)
                .mapToObj(i -> "rule-" + i + ": { tables: t" + i % 1000 + ", events: [insert] }\n")
                .collect(Collectors.joining());
    }

    private static void assertSame(
            String rules, Map<String, String> variables, Map<String, String> properties) {
        SmallRyeConfig whole =
                builder(rules, variables, properties)
                        .withMapping(RuleKeys.Written.class)
                        .withMapping(RulesConfig.class)
                        .build();
        RulesText text = RulesText.of(config(rules, variables, properties));

        assertThat(shown(text.read(RulesConfig.class, RulesConfig::rules)))
                .isEqualTo(shown(whole.getConfigMapping(RulesConfig.class).rules()));
        assertThat(text.written(List.of(RulesConfig.class)))
                .isEqualTo(keys(whole.getConfigMapping(RuleKeys.Written.class).rules()));
    }

    private static Map<String, Set<String>> keys(Map<String, Map<String, String>> written) {
        Map<String, Set<String>> keys = new TreeMap<>();
        written.forEach((rule, values) -> keys.put(rule, new TreeSet<>(values.keySet())));
        return keys;
    }

    private static Map<String, String> read(SmallRyeConfig config) {
        return shown(RulesText.of(config).read(RulesConfig.class, RulesConfig::rules));
    }

    private static Map<String, String> shown(Map<String, RuleConfig> rules) {
        Map<String, String> shown = new TreeMap<>();
        rules.forEach((name, rule) -> shown.put(name, shown(rule)));
        return shown;
    }

    private static String shown(RuleConfig rule) {
        return String.join(
                " ",
                rule.tables().toString(),
                rule.events().toString(),
                rule.changed().toString(),
                rule.when().toString(),
                rule.order().toString(),
                rule.retry().map(RulesTextTest::shown).toString());
    }

    private static String shown(RetryConfig retry) {
        return retry.backoff().orElse("") + "/" + retry.maxBackoff().orElse("");
    }

    private static SmallRyeConfig config(
            String rules, Map<String, String> variables, Map<String, String> properties) {
        return builder(rules, variables, properties).build();
    }

    private static SmallRyeConfigBuilder builder(
            String rules, Map<String, String> variables, Map<String, String> properties) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withSources(
                        new YamlConfigSource("test", RulesYaml.yaml(rules), 100),
                        new EnvConfigSource(new HashMap<>(variables), 300),
                        new PropertiesConfigSource(new HashMap<>(properties), "properties", 400));
    }
}
