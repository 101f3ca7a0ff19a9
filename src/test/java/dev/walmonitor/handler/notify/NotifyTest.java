package dev.walmonitor.handler.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.RulesYaml;
import dev.walmonitor.rule.SampleTable;
import dev.walmonitor.rule.TablePattern;
import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.sql.FakeQueries;
import io.quarkus.qute.Engine;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NotifyTest {
    private static final SampleTable TICKETS =
            SampleTable.of(
                    "public.tickets", ReplicaIdentity.FULL, "id*", "number", "status", "body");
    private static final Set<Operation> INSERT = EnumSet.of(Operation.INSERT);
    private static final Set<Operation> ROWS =
            EnumSet.of(Operation.INSERT, Operation.UPDATE, Operation.DELETE);
    private static final Engine QUTE = Engine.builder().addDefaults().build();

    /** Fails for whom the test says. */
    private static final class FakeChannel implements Channel {
        private final String name;
        private final List<String> sent = new ArrayList<>();
        private final Set<String> refuses = new HashSet<>();

        FakeChannel(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Optional<String> fault() {
            return name.equals("broken")
                    ? Optional.of("Broken has no address; set one.")
                    : Optional.empty();
        }

        @Override
        public Uni<Void> send(Message message) {
            String label = message.to().label();
            if (refuses.contains(label)) {
                return Uni.createFrom().failure(new SinkException(name + " is down", true));
            }
            sent.add(label + ": " + message.title() + " | " + message.body());
            return Uni.createFrom().voidItem();
        }
    }

    private final FakeChannel log = new FakeChannel("log");
    private final FakeChannel slack = new FakeChannel("slack");
    private FakeQueries queries = FakeQueries.NONE;

    @Test
    void everyRecipientIsToldByEveryChannel() {
        ChangeHandler handler =
                handler(
                        "{ channels: [log, slack], to: [Ann, Ben], title: \"New Ticket {number}\","
                                + " body: \"{status ?: 'no status'} by {recipient.name} in {table}\" }",
                        INSERT);

        assertThat(handle(handler, inserted(null)))
                .isEqualTo("notified recipients=2 channels=log,slack");
        assertThat(log.sent)
                .containsExactly(
                        "Ann: New Ticket TKT-1 | no status by Ann in public.tickets",
                        "Ben: New Ticket TKT-1 | no status by Ben in public.tickets");
        assertThat(slack.sent).isEqualTo(log.sent);
        assertThat(handler.ordered()).isTrue();
    }

    @Test
    void theRowBeforeAndTheRowAfterHaveNames() {
        ChangeHandler handler =
                handler(
                        "{ channels: log, title: \"{number}: {before.status} to {after.status}\", body:"
                                + " \"{event} {#if before.body != row.body}edited{/if}\" }",
                        ROWS);
        RowChange update =
                TICKETS.update(
                        1,
                        TICKETS.row("1", "TKT-1", "open", "a"),
                        TICKETS.row("1", "TKT-1", "done", "b"));

        assertThat(handle(handler, update)).isEqualTo("notified recipients=1 channels=log");
        assertThat(log.sent).containsExactly(": TKT-1: open to done | update edited");
    }

    @Test
    void aSideWithoutARowIsEmptyAndWhatWasNotSentSaysSo() {
        ChangeHandler handler =
                handler(
                        "{ channels: log, title: \"{number}[{before.status}][{after.body}]\" }",
                        ROWS);
        RowChange delete = TICKETS.delete(1, TICKETS.row("1", "TKT-1", "open", "a"));
        RowChange large = TICKETS.insert(2, TICKETS.row("1", "TKT-1", null, SampleTable.ABSENT));

        assertThat(handle(handler, delete)).isNotEmpty();
        assertThat(handle(handler, large)).isNotEmpty();
        assertThat(log.sent).containsExactly(": TKT-1[open][] | ", ": TKT-1[][(not sent)] | ");
    }

    @Test
    void aTitleIsOneLineWhateverTheRowHolds() {
        ChangeHandler handler = handler("{ channels: log, title: \"{number}\" }", INSERT);
        RowChange forged = TICKETS.insert(1, TICKETS.row("1", "TKT-1\r\nBcc: all", "s", "b"));

        assertThat(handle(handler, forged)).isNotEmpty();
        assertThat(log.sent).containsExactly(": TKT-1 Bcc: all | ");
    }

    @Test
    void whatARowHoldsIsNoTemplate() {
        ChangeHandler handler = handler("{ channels: log, title: \"{number}\" }", INSERT);
        RowChange braces = TICKETS.insert(1, TICKETS.row("1", "{status} <b>", "s", "b"));

        assertThat(handle(handler, braces)).isNotEmpty();
        assertThat(log.sent).containsExactly(": {status} <b> | ");
    }

    @Test
    void aChangeThatConcernsNobodyIsDone() {
        queries = FakeQueries.giving(List.of());
        ChangeHandler handler =
                handler(
                        "{ channels: log, to: \"select name from users\", title: \"{number}\" }",
                        INSERT);

        assertThat(handle(handler, inserted("s"))).isEqualTo("notified recipients=0 channels=log");
        assertThat(log.sent).isEmpty();
    }

    @Test
    void aRetryTellsNobodyTwice() {
        slack.refuses.add("Ben");
        ChangeHandler handler =
                handler("{ channels: [log, slack], to: [Ann, Ben, Cid], title: T }", INSERT);
        RowChange change = inserted("s");
        assertThatThrownBy(() -> handle(handler, change))
                .isInstanceOf(SinkException.class)
                .hasMessage("slack is down");
        assertThat(log.sent).hasSize(3);
        assertThat(slack.sent).containsExactly("Ann: T | ");

        slack.refuses.clear();
        assertThat(handle(handler, change)).isNotEmpty();
        assertThat(log.sent).hasSize(3);
        assertThat(slack.sent).containsExactly("Ann: T | ", "Ben: T | ", "Cid: T | ");
    }

    @Test
    void whatIsDoneIsForgottenSoThatARedeliveryIsTold() {
        ChangeHandler handler = handler("{ channels: log, title: T }", INSERT);

        assertThat(handle(handler, inserted("s"))).isNotEmpty();
        assertThat(handle(handler, inserted("s"))).isNotEmpty();
        assertThat(log.sent).hasSize(2);
    }

    @Test
    void aRecipientQueryThatFailsIsTriedAgain() {
        queries =
                new FakeQueries(
                        Uni.createFrom().failure(new SinkException("no database", true)),
                        new ArrayList<>());
        ChangeHandler handler =
                handler("{ channels: log, to: \"select name from users\", title: T }", INSERT);

        assertThatThrownBy(() -> handle(handler, inserted("s"))).hasMessage("no database");
    }

    @Test
    void aTemplateThatCannotBeFilledFailsWithoutAValue() {
        ChangeHandler handler =
                handler("{ channels: log, title: \"{#for x in row.keys}{nope}{/for}\" }", INSERT);

        assertThatThrownBy(() -> handle(handler, inserted("s")))
                .hasMessageStartingWith("A message cannot be written: Rendering error in template")
                .hasMessageContaining("\"nope\" not found");
    }

    @Test
    void aRuleThatCanWorkHasNoFault() {
        queries = FakeQueries.giving(List.of(new JsonObject().put("name", "").put("slack", "")));
        assertThat(
                        faults(
                                "{ channels: [log, slack], to: \"select name, slack from users where id ="
                                        + " {id}\", title: \"{number} {row.status} {#for x in row.keys}{x}{/for}\","
                                        + " body: \"{recipient.name} {event} {before.status}\" }",
                                ROWS))
                .isEmpty();
    }

    @Test
    void whatIsMissingOrUnknownIsTold() {
        assertThat(faults("{ body: x }", INSERT))
                .containsExactly(
                        "Rule \"r\": notify.channels is missing; name one or more of broken, log,"
                                + " slack.",
                        "Rule \"r\": notify.title is missing; write what the message is about.");
        assertThat(faults("{ channels: [slakc, broken], title: T }", INSERT))
                .containsExactly(
                        "Rule \"r\": there is no channel \"slakc\"; did you mean \"slack\"?",
                        "Rule \"r\": it cannot use a channel: Broken has no address; set one.");
    }

    @Test
    void aMalformedTemplateIsToldWithItsLine() {
        assertThat(faults("{ channels: log, title: T, body: \"a\\n{#if status}\\nb\" }", INSERT))
                .containsExactly(
                        "Rule \"r\": a template cannot be read: Parser error in template"
                                + " [notify.body of rule r:3]: unterminated section [if] detected.");
        assertThat(faults("{ channels: log, title: T, to: \"{id\" }", INSERT))
                .containsExactly(
                        "Rule \"r\": notify.to cannot be read: There is a \"{\" without its \"}\" (a"
                                + " literal one is written {{) at character 1 of \"{id\".");
    }

    @Test
    void aColumnThatNoTableHasIsTold() {
        assertThat(faults("{ channels: log, title: \"{nmuber} {after.sttus} {x ?: ''}\" }", INSERT))
                .containsExactly(
                        "Rule \"r\": table public.tickets has no column \"nmuber\"; did you mean"
                                + " \"number\"?",
                        "Rule \"r\": table public.tickets has no column \"sttus\"; did you mean"
                                + " \"status\"?");
        assertThat(faults("{ channels: log, title: T, to: \"{assignee}\" }", INSERT)).hasSize(1);
    }

    @Test
    void anOldValueThatIsNotSentIsTold() {
        SampleTable byKey =
                SampleTable.of("public.tickets", ReplicaIdentity.DEFAULT, "id*", "status");
        assertThat(
                        faults(
                                "{ channels: log, title: \"{before.status} {status}\" }",
                                EnumSet.of(Operation.UPDATE),
                                byKey))
                .containsExactly(
                        "Rule \"r\": it needs the old status of an UPDATE, which table"
                                + " public.tickets does not send. Mend it with: ALTER TABLE"
                                + " public.tickets REPLICA IDENTITY FULL;");
    }

    @Test
    void aTruncateHasNoRowToTellOf() {
        assertThat(faults("{ channels: log, title: \"{number}\" }", EnumSet.allOf(Operation.class)))
                .containsExactly(
                        "Rule \"r\": it tells of a row, and TRUNCATE has none; write events, of"
                                + " insert, update and delete.");
        assertThat(
                        faults(
                                "{ channels: log, title: \"{event} {table}\" }",
                                EnumSet.allOf(Operation.class)))
                .isEmpty();
    }

    @Test
    void aColumnWithoutBracesIsTold() {
        assertThat(faults("{ channels: log, title: T, to: [ops, status] }", INSERT))
                .containsExactly(
                        "Rule \"r\": notify.to says \"status\", which is a column; write {status} for"
                                + " whom it names.");
    }

    @Test
    void aQueryThatGivesOtherColumnsIsTold() {
        queries = FakeQueries.giving(List.of(new JsonObject().put("name", "").put("mail", "")));
        assertThat(faults("{ channels: log, title: T, to: \"select x from y\" }", INSERT))
                .containsExactly(
                        "Rule \"r\": the query of notify.to gives a column \"mail\"; did you mean"
                                + " \"email\"?");
        queries =
                new FakeQueries(
                        Uni.createFrom().failure(new SinkException("no such table", false)),
                        new ArrayList<>());
        assertThat(faults("{ channels: log, title: T, to: \"select x from y\" }", INSERT))
                .containsExactly(
                        "Rule \"r\": notify.to cannot be used: no such table. Correct the query, or"
                                + " what it needs in the database.");
    }

    private static RowChange inserted(@Nullable String status) {
        return TICKETS.insert(1, TICKETS.row("1", "TKT-1", status, "b"));
    }

    private static String handle(ChangeHandler handler, RowChange change) {
        return handler.handle(change).await().atMost(Duration.ofSeconds(5)).toString();
    }

    private ChangeHandler handler(String notify, Set<Operation> events) {
        return factory(notify).create(rule(events));
    }

    private List<String> faults(String notify, Set<Operation> events) {
        return faults(notify, events, TICKETS);
    }

    private List<String> faults(String notify, Set<Operation> events, SampleTable table) {
        return factory(notify)
                .check(rule(events), List.of(table.relation()))
                .await()
                .atMost(Duration.ofSeconds(5))
                .stream()
                .map(Fault::message)
                .toList();
    }

    private NotifyFactory factory(String notify) {
        RulesYaml yaml = RulesYaml.of("r: { tables: tickets, notify: " + notify + " }");
        FakeQueries asked = queries;
        return new NotifyFactory(
                yaml.text(),
                () -> source -> asked,
                List.of(log, slack, new FakeChannel("broken")),
                QUTE);
    }

    private static Rule rule(Set<Operation> events) {
        Filter filter = new Filter(List.of(TablePattern.parse("tickets")), events);
        return new Rule("r", "notify", "main", filter, Rule.Retry.DEFAULT);
    }
}
