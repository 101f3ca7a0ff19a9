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
import dev.walmonitor.sink.Reach;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.sql.FakeQueries;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.qute.Engine;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
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
        private Function<Recipient, Reach> reach = to -> Reach.Room.ROOM;

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
        public Reach reach(Recipient to) {
            return reach.apply(to);
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
    private final FakeNotifications store = new FakeNotifications();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private Instant now = Instant.parse("2026-01-01T12:00:00Z");
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
    void aPersonsAccountsDecideTheChannel() {
        slack.reach =
                to ->
                        to.slack() == null
                                ? new Reach.Nowhere("no Slack account")
                                : Reach.Account.ACCOUNT;
        log.reach =
                to ->
                        to.email() == null
                                ? new Reach.Nowhere("no e-mail address")
                                : Reach.Account.ACCOUNT;
        queries =
                FakeQueries.giving(
                        List.of(
                                new JsonObject()
                                        .put("name", "Ann")
                                        .put("slack", "U1")
                                        .put("email", "a@b"),
                                new JsonObject().put("name", "Ben").put("email", "b@b"),
                                new JsonObject().put("name", "Cid")));
        ChangeHandler handler =
                handler(
                        "{ channels: [slack, log], to: \"select name, slack, email from users\", title: T }",
                        INSERT);

        assertThat(handle(handler, inserted("s")))
                .isEqualTo("notified recipients=3 channels=slack,log");
        assertThat(slack.sent).containsExactly("Ann: T | ");
        assertThat(log.sent).containsExactly("Ben: T | ");
        assertThat(store.outcomes())
                .containsExactlyInAnyOrder(
                        "sent Ann slack T",
                        "sent Ben log T",
                        "suppressed Cid  T (no Slack account, no e-mail address)");
        assertThat(count("none", "suppressed")).isEqualTo(1);
        assertThat(count("slack", "sent")).isEqualTo(1);
    }

    @Test
    void tenThousandRecipientsAreCutAndTold() {
        List<JsonObject> rows = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            rows.add(new JsonObject().put("name", "n" + i));
        }
        queries = FakeQueries.giving(rows);
        ChangeHandler handler =
                handler("{ channels: log, to: \"select name from users\", title: T }", INSERT);

        assertThat(handle(handler, inserted("s")))
                .isEqualTo("notified recipients=1000 channels=log");
        assertThat(log.sent).hasSize(1_000);
        assertThat(store.outcomes())
                .hasSize(1_001)
                .contains("suppressed    (more than 1000 recipients)");
    }

    @Test
    void nobodyIsOnRecordToo() {
        queries = FakeQueries.giving(List.of(new JsonObject().putNull("name")));
        ChangeHandler handler =
                handler("{ channels: log, to: \"select name from users\", title: T }", INSERT);

        assertThat(handle(handler, inserted("s"))).isEqualTo("notified recipients=0 channels=log");
        assertThat(store.outcomes()).containsExactly("suppressed    (nobody is concerned)");
    }

    @Test
    void aQueryOfOneRowIsOfferedToTheTemplates() {
        queries = FakeQueries.giving(List.of(new JsonObject().put("owner", "Ann").put("n", 3)));
        String rule =
                "{ channels: log, enrich: \"select owner, n from stock where id = {id}\", title: \"{number} of"
                        + " {enrich.owner}: {enrich.n}\", link: \"https://example.org/{id}\" }";
        assertThat(faults(rule, INSERT)).isEmpty();
        assertThat(handle(handler(rule, INSERT), inserted("s"))).isNotEmpty();
        assertThat(log.sent).containsExactly(": TKT-1 of Ann: 3 | ");

        queries = FakeQueries.giving(List.of());
        assertThat(handle(handler(rule, INSERT), inserted("s"))).isNotEmpty();
        assertThat(log.sent).last().isEqualTo(": TKT-1 of : | ");
    }

    @Test
    void whatTheQueryDoesNotGiveIsTold() {
        queries = FakeQueries.giving(List.of(new JsonObject().put("owner", "")));
        assertThat(
                        faults(
                                "{ channels: log, enrich: \"select owner from stock\", title:"
                                        + " \"{enrich.ownr}\" }",
                                INSERT))
                .containsExactly(
                        "Rule \"r\": the query of notify.enrich gives no column \"ownr\"; did you mean"
                                + " \"owner\"?");
        assertThat(faults("{ channels: log, title: \"{enrich.owner}\" }", INSERT))
                .containsExactly(
                        "Rule \"r\": a template reads enrich.owner; write the query of notify.enrich, or"
                                + " take it out.");
        assertThat(faults("{ channels: log, enrich: stock, title: T }", INSERT))
                .containsExactly(
                        "Rule \"r\": notify.enrich is no query; write a SELECT of one row.");
    }

    @Test
    void theSameIsNotToldAgainWithinTheTime() {
        ChangeHandler handler =
                handler(
                        "{ channels: [log, slack], to: [Ann, Ben], title: \"{number}\", dedupe: 10m }",
                        INSERT);
        assertThat(handle(handler, change(1, "s"))).isNotEmpty();
        assertThat(handle(handler, change(2, "s"))).isNotEmpty();
        now = now.plusSeconds(599);
        assertThat(handle(handler, change(3, "s"))).isNotEmpty();
        assertThat(log.sent).containsExactly("Ann: TKT-1 | ", "Ben: TKT-1 | ");
        assertThat(store.outcomes())
                .contains("suppressed Ann slack TKT-1 (told already within 600 s)");
        now = now.plusSeconds(2);
        assertThat(handle(handler, change(4, "s"))).isNotEmpty();

        assertThat(log.sent).hasSize(4);
        assertThat(slack.sent).hasSize(4);
    }

    @Test
    void whatIsTheSameCanBeSaid() {
        ChangeHandler handler =
                handler(
                        "{ channels: log, title: \"{number} {status}\", dedupe: 10m, dedupe-key: \"{number}\" }",
                        INSERT);
        assertThat(handle(handler, change(1, "open"))).isNotEmpty();
        assertThat(handle(handler, change(2, "done"))).isNotEmpty();

        assertThat(log.sent).containsExactly(": TKT-1 open | ");
    }

    @Test
    void whatFailedIsNotTakenForTold() {
        slack.refuses.add("Ann");
        ChangeHandler handler =
                handler("{ channels: slack, to: Ann, title: T, dedupe: 10m }", INSERT);
        assertThatThrownBy(() -> handle(handler, change(1, "s"))).hasMessage("slack is down");
        assertThatThrownBy(() -> handle(handler, change(1, "s"))).hasMessage("slack is down");
        assertThat(store.outcomes()).containsExactly("failed Ann slack T (slack is down)");
        assertThat(count("slack", "failed")).isEqualTo(2);
        slack.refuses.clear();

        assertThat(handle(handler, change(1, "s"))).isNotEmpty();
        assertThat(slack.sent).hasSize(1);
    }

    @Test
    void whatWasToldBeforeTheStartIsRemembered() {
        String rule = "{ channels: log, title: T, dedupe: 10m }";
        assertThat(handle(handler(rule, INSERT), change(1, "s"))).isNotEmpty();
        now = now.plusSeconds(300);
        ChangeHandler next = handler(rule, INSERT);
        assertThat(next.warm().await().atMost(Duration.ofSeconds(5)).isEmpty()).isTrue();
        assertThat(handle(next, change(2, "s"))).isNotEmpty();
        assertThat(log.sent).hasSize(1);
        now = now.plusSeconds(300);
        assertThat(handle(next, change(3, "s"))).isNotEmpty();

        assertThat(log.sent).hasSize(2);
    }

    @Test
    void aRecordThatCannotBeWrittenStopsNothing() {
        store.down = true;
        ChangeHandler handler = handler("{ channels: log, title: T }", INSERT);

        assertThat(handle(handler, inserted("s"))).isNotEmpty();
        assertThat(log.sent).hasSize(1);
    }

    @Test
    void aTemplateThatThrowsIsCountedAndOnRecordOnce() {
        ChangeHandler handler =
                handler("{ channels: log, title: \"{#for x in row.keys}{nope}{/for}\" }", INSERT);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> handle(handler, inserted("s")))
                    .isInstanceOfSatisfying(
                            SinkException.class, e -> assertThat(e.isRetryable()).isFalse());
        }

        assertThat(count("none", "failed")).isEqualTo(3);
        assertThat(store.outcomes())
                .singleElement()
                .asString()
                .startsWith("failed    (A message cannot be written: ");
    }

    @Test
    void whatCannotBeReadOfStormsIsTold() {
        assertThat(
                        faults(
                                "{ channels: log, title: T, digest: often, dedupe: 8d, dedupe-key: \"{id}\","
                                        + " max-recipients: 0, suppress-if-reverted-within: 2h, quiet: { from: 25h, zone:"
                                        + " Mars } }",
                                INSERT))
                .containsExactly(
                        "Rule \"r\": notify.max-recipients is \"0\"; write a number from 1 to 100000.",
                        "Rule \"r\": notify.dedupe is \"8d\"; write a duration such as 30s, up to 168h.",
                        "Rule \"r\": notify.dedupe-key does nothing without notify.dedupe; write for how long"
                                + " the same is not told again, such as 10m.",
                        "Rule \"r\": notify.digest is \"often\"; write a duration such as 30s, up to 24h, or"
                                + " transaction.",
                        "Rule \"r\": notify.suppress-if-reverted-within is about updates, to which the rule does"
                                + " not listen; add update to its events, or take the key out.",
                        "Rule \"r\": notify.suppress-if-reverted-within is \"2h\"; write a duration such as 30s,"
                                + " up to 1h.",
                        "Rule \"r\": notify.quiet.from is \"25h\"; write a time of the day in quotes, such as"
                                + " \"22:00\".",
                        "Rule \"r\": notify.quiet.to is missing; write a time of the day in quotes, such as"
                                + " \"22:00\".",
                        "Rule \"r\": notify.quiet.zone is \"Mars\"; write a time zone such as Europe/Berlin.");
    }

    @Test
    void aRowThatIsSetBackNeedsItsOldValues() {
        SampleTable byKey =
                SampleTable.of("public.tickets", ReplicaIdentity.DEFAULT, "id*", "status");
        String rule = "{ channels: log, title: \"{status}\", suppress-if-reverted-within: 1m }";
        assertThat(faults(rule, EnumSet.of(Operation.UPDATE), byKey))
                .containsExactly(
                        "Rule \"r\": it needs the old status of an UPDATE, which table"
                                + " public.tickets does not send. Mend it with: ALTER TABLE"
                                + " public.tickets REPLICA IDENTITY FULL;");
        assertThat(faults(rule, ROWS)).isEmpty();
        assertThat(
                        faults(
                                "{ channels: log, title: T, digest: transaction, suppress-if-reverted-within: 1m }",
                                ROWS))
                .hasSize(2);
    }

    @Test
    void theMessagesOfARuleAreShownWithWhatBecomesOfThem() {
        slack.reach = to -> new Reach.Nowhere("no Slack account");
        String rule =
                "{ channels: [slack, log], to: Ann, title: \"{number}\", link: \"https://example.org/{id}\", digest:"
                        + " 30s, dedupe: 10m, suppress-if-reverted-within: 1m, quiet: { from: \"22:00\", to: \"07:00\","
                        + " zone: Europe/Berlin } }";
        RowChange update =
                TICKETS.update(
                        1,
                        TICKETS.row("1", "TKT-1", "open", "a"),
                        TICKETS.row("1", "TKT-2", "done", "b"));

        assertThat(preview(rule, update))
                .containsExactly(
                        "would tell Ann by log (with all others of 30 s, unless it was told the same within 600 s,"
                                + " unless it is set back within 60 s, but not from 22:00 to 07:00 Europe/Berlin):"
                                + " TKT-2\nhttps://example.org/1");
        assertThat(preview("{ channels: slack, to: Ann, title: T }", update))
                .containsExactly("would not tell Ann: no Slack account.");
    }

    private List<String> preview(String rule, RowChange change) {
        return factory(rule).preview(rule(ROWS), change).await().atMost(Duration.ofSeconds(5));
    }

    private double count(String channel, String outcome) {
        return registry.get("wal_monitor_notifications")
                .tags("source", "main", "rule", "r", "channel", channel, "outcome", outcome)
                .counter()
                .count();
    }

    private static RowChange change(int xid, String status) {
        return TICKETS.insert(xid, TICKETS.row("1", "TKT-1", status, "b"));
    }

    @Test
    void aValueThatWasNotSentFailsForGood() {
        ChangeHandler handler = handler("{ channels: log, to: \"{body}\", title: T }", INSERT);
        RowChange large = TICKETS.insert(2, TICKETS.row("1", "TKT-1", "s", SampleTable.ABSENT));

        assertThatThrownBy(() -> handle(handler, large))
                .isInstanceOfSatisfying(
                        SinkException.class, e -> assertThat(e.isRetryable()).isFalse())
                .hasMessage("The value of {body} was not sent with the INSERT of public.tickets");
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
        List<Channel> channels = List.of(log, slack, new FakeChannel("broken"));
        Desk desk = TestDesk.of(channels, store, registry, () -> now);
        return new NotifyFactory(yaml.text(), () -> source -> asked, channels, () -> desk, QUTE);
    }

    private static Rule rule(Set<Operation> events) {
        Filter filter = new Filter(List.of(TablePattern.parse("tickets")), events);
        return new Rule("r", "notify", "main", filter, Rule.Retry.DEFAULT);
    }
}
