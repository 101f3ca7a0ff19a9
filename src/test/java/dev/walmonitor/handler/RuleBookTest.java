package dev.walmonitor.handler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.handler.JavaHandlers.JavaHandler;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.RulesConfig;
import dev.walmonitor.rule.RulesYaml;
import dev.walmonitor.rule.SampleTable;
import dev.walmonitor.rule.TablePattern;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithParentName;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RuleBookTest {
    private static final List<Relation> TABLES =
            List.of(
                    SampleTable.of("public.roles", ReplicaIdentity.DEFAULT, "id*", "name")
                            .relation(),
                    SampleTable.of("shop.orders", ReplicaIdentity.FULL, "id*", "state").relation());

    /** Keys of the two actions of the test. */
    @ConfigMapping(prefix = RulesConfig.PREFIX)
    interface ShoutRules {
        @WithParentName
        Map<String, ShoutRule> rules();

        interface ShoutRule {
            Optional<Voice> shout();
        }

        interface Voice {
            Optional<String> text();
        }
    }

    @ConfigMapping(prefix = RulesConfig.PREFIX)
    interface WhisperRules {
        @WithParentName
        Map<String, WhisperRule> rules();

        interface WhisperRule {
            Optional<Breath> whisper();
        }

        interface Breath {
            Optional<String> text();
        }
    }

    private record FakeFactory(String action, Class<?> settings, Uni<List<Fault>> faults)
            implements ActionFactory {
        @Override
        public Uni<List<Fault>> check(Rule rule, List<Relation> tables) {
            return faults;
        }

        @Override
        public ChangeHandler create(Rule rule) {
            return change -> Uni.createFrom().item(HandlerResult.of(action + " " + rule.name()));
        }
    }

    @Test
    void aRuleHasWhatIsWrittenAndTheRestByDefault() {
        RuleBook book =
                book(
                        """
                        short:
                          tables: roles
                          shout: { text: hi }
                        whole:
                          tables: [public.roles, shop.*]
                          events: [insert, UPDATE]
                          changed: [name, state]
                          source: main
                          retry: { backoff: 1s, max-backoff: 2m }
                          whisper: { text: hi }
                        """);

        assertThat(book.rules().getFirst())
                .extracting(Rule::name, Rule::action, Rule::source, Rule::retry)
                .containsExactly("short", "shout", "main", Rule.Retry.DEFAULT);
        assertThat(book.rules().getFirst().filter().events())
                .isEqualTo(EnumSet.allOf(Operation.class));
        Rule whole = book.rules().getLast();
        assertThat(whole.retry())
                .isEqualTo(new Rule.Retry(Duration.ofSeconds(1), Duration.ofMinutes(2)));
        assertThat(whole.filter())
                .extracting(Filter::events, Filter::changed)
                .containsExactly(
                        EnumSet.of(Operation.INSERT, Operation.UPDATE), Set.of("name", "state"));
        assertThat(whole.filter().tables())
                .extracting(TablePattern::toString)
                .containsExactly("public.roles", "shop.*");
        assertThat(whole.action()).isEqualTo("whisper");
    }

    @Test
    void everyFaultOfEveryRuleIsToldAtOnce() {
        assertThat(
                        faults(
                                """
                                both: { tables: roles, shout: { text: hi }, whisper: { text: hi } }
                                duration: { tables: roles, retry: { backoff: soon }, shout: { text: hi } }
                                event: { tables: roles, events: [inserted], shout: { text: hi } }
                                glob: { tables: a.b.c, shout: { text: hi } }
                                missing: { tables: public.rolls, shout: { text: hi } }
                                none: { tables: roles }
                                old: { tables: roles, changed: name, shout: { text: hi } }
                                source: { tables: roles, source: mian, shout: { text: hi } }
                                tableless: { shout: { text: hi } }
                                typo: { tabels: roles, shout: { text: hi } }
                                """))
                .containsExactly(
                        "Rule \"both\": it has 2 actions, shout and whisper; make a rule of each.",
                        "Rule \"duration\": retry.backoff is no duration: \"soon\". Write one such as"
                                + " 500ms, 30s or 24h.",
                        "Rule \"event\": there is no event \"inserted\"; did you mean \"insert\"?",
                        "Rule \"glob\": Expected a table such as public.roles or a glob such as"
                                + " shop.order_*, got \"a.b.c\". Correct its tables.",
                        "Rule \"none\": it has no action; give it one of shout, whisper.",
                        "Rule \"source\": there is no source \"mian\"; did you mean \"main\"?",
                        "Rule \"tableless\": it names no tables; add for example tables:"
                                + " public.roles, or a list.",
                        "Rule \"typo\": unknown key \"tabels\"; did you mean \"tables\"?",
                        "Rule \"typo\": it names no tables; add for example tables: public.roles,"
                                + " or a list.",
                        "Rule \"missing\": there is no table public.rolls; did you mean"
                                + " public.roles?",
                        "Rule \"old\": it needs the old name of an UPDATE, which table public.roles"
                                + " does not send. Mend it with: ALTER TABLE public.roles REPLICA"
                                + " IDENTITY FULL;");
    }

    @Test
    void aConditionAndAnOrderAreReadAndTheirFaultsTold() {
        Rule rule =
                book("r: { tables: shop.orders, when: changed(\"state\") && after.id > 0, order: none, shout: { text: hi } }")
                        .rules()
                        .getFirst();
        assertThat(rule.when()).hasToString("Optional[changed(\"state\") && after.id > 0]");
        assertThat(rule.order()).isEqualTo(Rule.Order.NONE);
        assertThat(
                        faults(
                                """
                                column: { tables: shop.orders, when: after.stat == 'x', shout: { text: hi } }
                                name: { tables: roles, when: row.id == 1, shout: { text: hi } }
                                order: { tables: roles, order: keys, shout: { text: hi } }
                                result: { tables: roles, when: size(after.name), shout: { text: hi } }
                                syntax: { tables: roles, when: after.id ==, shout: { text: hi } }
                                """))
                .containsExactly(
                        "Rule \"name\": when cannot be used: there is no \"row\". It may name before,"
                                + " after, event, op, table, schema, changed.",
                        "Rule \"order\": there is no order \"keys\"; did you mean \"key\"?",
                        "Rule \"result\": when cannot be used: it gives a value of type int, not true"
                                + " or false. Compare it with something.",
                        "Rule \"syntax\": when cannot be used: line 1, character 12: Syntax error:"
                                + " mismatched input '<EOF>'. Correct the expression.",
                        "Rule \"column\": table shop.orders has no column \"stat\"; did you mean"
                                + " \"state\"?");
    }

    @Test
    void aGlobThatMatchesNothingYetIsNoFault() {
        assertThat(faults("r: { tables: \"later.*\", shout: { text: hi } }")).isEmpty();
    }

    @Test
    void whatTheActionFindsIsToldToo() {
        Fault own = new Fault("r", "it is too loud;", "whisper.");
        assertThat(
                        faults(
                                "r: { tables: roles, shout: { text: hi } }",
                                Uni.createFrom().item(List.of(own))))
                .containsExactly("Rule \"r\": it is too loud; whisper.");
        assertThat(
                        faults(
                                "r: { tables: roles, shout: { text: hi } }",
                                Uni.createFrom().failure(new IllegalStateException("no voice"))))
                .containsExactly("Rule \"r\": it cannot be checked: no voice");
    }

    @Test
    void aRuleGetsTheHandlerOfItsAction() {
        RuleBook book = book("r: { tables: roles, whisper: { text: hi } }");
        ChangeHandler handler = book.handler(book.rules().getFirst());

        assertThat(
                        handler.handle(
                                        SampleTable.of("roles", ReplicaIdentity.FULL, "id*")
                                                .truncate(1))
                                .await()
                                .atMost(Duration.ofSeconds(5)))
                .isEqualTo(HandlerResult.of("whisper r"));
    }

    @Test
    void aJavaHandlerIsARuleOfItsOwn() {
        ChangeHandler handler = change -> Uni.createFrom().item(HandlerResult.NONE);
        RuleBook book =
                book(
                        "TicketCreated: { tables: roles, shout: { text: hi } }",
                        List.of(
                                new JavaHandler(
                                        "RoleChanged",
                                        List.of("roles"),
                                        EnumSet.of(Operation.UPDATE),
                                        () -> handler)));
        Rule rule = book.rules().getLast();

        assertThat(rule)
                .extracting(Rule::name, Rule::action, Rule::source)
                .containsExactly("RoleChanged", "java", "main");
        assertThat(rule.filter().events()).containsExactly(Operation.UPDATE);
        assertThat(book.handler(rule)).isSameAs(handler);
    }

    @Test
    void theFaultsOfJavaHandlersAreToldLikeAllOthers() {
        JavaHandler bad =
                new JavaHandler(
                        "r",
                        List.of("public."),
                        EnumSet.of(Operation.UPDATE),
                        () -> change -> Uni.createFrom().item(HandlerResult.NONE));
        RuleBook book = book("r: { tables: roles, shout: { text: hi } }", List.of(bad));

        assertThat(messages(book))
                .containsExactly(
                        "Rule \"r\": there are two rules of this name, one of them a class with"
                                + " @OnChange. Give one another name.",
                        "Rule \"r\": Expected a table such as public.roles or a glob such as"
                                + " shop.order_*, got \"public.\". Correct its tables.");
    }

    @Test
    void theDefaultSourceIsTheOnlyOneOrMain() {
        String rules = "r: { tables: roles, shout: { text: hi } }";

        assertThat(book(rules, Set.of("shop")).rules().getFirst().source()).isEqualTo("shop");
        assertThat(book(rules, Set.of("shop", "main")).rules().getFirst().source())
                .isEqualTo("main");
        assertThat(messages(book(rules, Set.of("shop", "crm"))))
                .containsExactly("Rule \"r\": there is no source \"main\"; there is: crm, shop.");
    }

    private static List<String> faults(String rules) {
        return messages(book(rules));
    }

    private static List<String> faults(String rules, Uni<List<Fault>> own) {
        return messages(book(rules, own, List.of(), Set.of("main")));
    }

    private static List<String> messages(RuleBook book) {
        return book.check("main", TABLES).await().atMost(Duration.ofSeconds(5)).stream()
                .map(Fault::message)
                .toList();
    }

    private static RuleBook book(String rules) {
        return book(rules, List.of());
    }

    private static RuleBook book(String rules, List<JavaHandler> handlers) {
        return book(rules, Uni.createFrom().item(List.of()), handlers, Set.of("main"));
    }

    private static RuleBook book(String rules, Set<String> sources) {
        return book(rules, Uni.createFrom().item(List.of()), List.of(), sources);
    }

    private static RuleBook book(
            String rules, Uni<List<Fault>> own, List<JavaHandler> handlers, Set<String> sources) {
        RulesYaml yaml = RulesYaml.of(rules);
        return new RuleBook(
                new RuleReader(yaml.text(), sources),
                List.of(
                        new FakeFactory("shout", ShoutRules.class, own),
                        new FakeFactory("whisper", WhisperRules.class, own)),
                handlers,
                (rule, handler) -> handler);
    }
}
