package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.process.CommandProcess.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands about rules, run as users run them. */
class RulesCommandIT {
    private static final String RULES =
            """
            wal-monitor:
              rules:
                roles:
                  tables: public.roles
                  cache: { key: "master:roles", query: "select id, name from roles order by id" }
                cheaper:
                  tables: public.listings
                  events: update
                  when: changed("price") && after.price < before.price
                  notify: { channels: log, to: "{seller}", title: "{name} is {price}", body: "was {before.price}" }
            """;
    private static final String CHANGE =
            """
            {"operation": "UPDATE", "schema": "public", "table": "listings",
             "old": {"id": 1, "name": "Lamp", "price": 10.00, "seller": "Anna"},
             "new": {"id": 1, "name": "Lamp", "price": %s, "seller": "Anna"}}
            """;

    @TempDir Path home = Path.of("");

    private Outcome run(Map<String, String> environment, String... arguments) throws Exception {
        return CommandProcess.run(home, environment, arguments);
    }

    private void write(String file, String content) throws IOException {
        Files.createDirectories(home.resolve(file).getParent());
        Files.writeString(home.resolve(file), content);
    }

    private static Map<String, String> database() {
        String url = SharedServers.freshDatabase();
        SharedServers.execute(
                url,
                "create table roles (id int primary key, name text)",
                "create table listings (id int primary key, name text, price numeric, seller text)",
                "alter table listings replica identity full");
        return Map.of("DATABASE_URL", url);
    }

    @Test
    void soundRulesAreSoundAndNothingIsStarted() throws Exception {
        write("rules.yaml", RULES);
        Map<String, String> environment = database();

        Outcome outcome = run(environment, "rules", "check", "rules.yaml");

        assertThat(outcome.out()).isEqualTo("No fault in 2 rules.\n");
        assertThat(outcome.err()).doesNotContain("ERROR").doesNotContain("Listening");
        assertThat(outcome.code()).isZero();
    }

    @Test
    void everyFaultIsToldAsTheStartWouldTellIt() throws Exception {
        write(
                "rules.yaml",
                """
                wal-monitor:
                  rules:
                    missing: { tables: public.rolls, cache: { key: "a", query: "select 1" } }
                    column: { tables: roles, events: insert, when: after.nam == 'x', cache: { key: "b", query: "select 1" } }
                    syntax: { tables: roles, when: "after.name ==", cache: { key: "c", query: "select 1" } }
                    identity: { tables: roles, events: update, when: changed('name'), cache: { key: "d", query: "select 1" } }
                """);
        write(
                "config/application.yaml",
                "wal-monitor: { rules: { other: { tables: nowhere.at_all } } }");

        Outcome outcome = run(database(), "rules", "check", "rules.yaml");

        assertThat(outcome.out().lines())
                .containsExactlyInAnyOrder(
                        "Rule \"syntax\": when cannot be used: line 1, character 14: Syntax error:"
                                + " mismatched input '<EOF>'. Correct the expression.",
                        "Rule \"missing\": there is no table public.rolls; did you mean"
                                + " public.roles?",
                        "Rule \"column\": table public.roles has no column \"nam\"; did you mean"
                                + " \"name\"?",
                        "Rule \"identity\": it needs the old name of an UPDATE, which table"
                                + " public.roles does not send. Mend it with: ALTER TABLE"
                                + " public.roles REPLICA IDENTITY FULL;",
                        "4 faults.");
        assertThat(outcome.code()).isEqualTo(1);
    }

    @Test
    void withoutADatabaseWhatNeedsNoneIsCheckedAndTheRestIsNamed() throws Exception {
        write("rules.yaml", RULES);

        Outcome outcome = run(Map.of(), "rules", "check", "rules.yaml");

        assertThat(outcome.out())
                .isEqualTo(
                        "No database is configured (DATABASE_URL): whether tables, columns, queries"
                                + " and replica identities fit was not checked.\n"
                                + "No fault in 2 rules.\n");
        assertThat(outcome.code()).isZero();
    }

    @Test
    void aChangeIsTriedOnEachRule() throws Exception {
        write("rules.yaml", RULES);
        write("cheaper.json", CHANGE.formatted("9.50"));
        write("dearer.json", CHANGE.formatted("10.50"));

        Outcome cheaper = run(Map.of(), "rules", "test", "rules.yaml", "--change", "cheaper.json");
        Outcome dearer = run(database(), "rules", "test", "rules.yaml", "--change", "dearer.json");

        assertThat(cheaper.out())
                .isEqualTo(
                        """
                        cheaper: matches.
                          would tell Anna by log: Lamp is 9.50
                          was 10.00
                        roles: does not match: it is not about table public.listings.
                        """);
        assertThat(cheaper.code()).isZero();
        assertThat(dearer.out())
                .startsWith(
                        "cheaper: does not match: its condition is not true: changed(\"price\") &&"
                                + " after.price < before.price\n");
        assertThat(dearer.code()).isZero();
    }

    @Test
    void aCommandThatIsNoneIsBadUsage() throws Exception {
        write("rules.yaml", RULES);

        assertThat(run(Map.of(), "rules").code()).isEqualTo(2);
        assertThat(run(Map.of(), "rules", "test", "rules.yaml").code()).isEqualTo(2);
        Outcome missing = run(Map.of(), "rules", "check", "nowhere.yaml");
        assertThat(missing.err()).contains("There is no file nowhere.yaml that can be read.");
        assertThat(missing.code()).isEqualTo(2);
    }

    @Test
    void helpIsToldWithoutAService() throws Exception {
        Outcome help = run(Map.of(), "--help");

        assertThat(help.out()).contains("Usage: wal-monitor").contains("rules").contains("serve");
        assertThat(help.code()).isZero();
    }
}
