package dev.walmonitor.handler.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Delivery;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.json.Envelopes;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.RulesYaml;
import dev.walmonitor.rule.SampleTable;
import dev.walmonitor.rule.TablePattern;
import dev.walmonitor.sink.redis.TestRedis;
import dev.walmonitor.sink.sql.FakeQueries;
import io.vertx.mutiny.redis.client.Command;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("redis")
class StreamTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final TestRedis REDIS = TestRedis.of(SharedServers.redis());
    private static final SampleTable TICKETS =
            SampleTable.of("public.tickets", ReplicaIdentity.FULL, "id*");
    private static final String JSON =
            "{\"id\":\"main:1:0/1001:0\",\"source\":\"main\",\"operation\":\"INSERT\",\"schema\":\"public\","
                    + "\"table\":\"tickets\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"lsn\":\"0/1001\",\"xid\":1,"
                    + "\"old\":null,\"new\":{\"id\":\"7\"},\"changed_columns\":[\"id\"]}";

    private final String key = "changes:" + UUID.randomUUID();

    @AfterAll
    static void close() {
        REDIS.close();
    }

    @Test
    void aChangeIsOneEntryHoweverOftenItComes() {
        ChangeHandler handler = factory("{ key: \"" + key + "\" }").create(rule());
        ChangeHandler afterACrash = factory("{ key: \"" + key + "\" }").create(rule());

        assertThat(handle(handler)).isEqualTo("appended stream=" + key);
        assertThat(handle(handler)).isEqualTo("known stream=" + key);
        assertThat(handle(afterACrash)).isEqualTo("known stream=" + key);
        assertThat(REDIS.ask(Command.XLEN, key)).isEqualTo("1");
        assertThat(REDIS.ask(Command.XRANGE, key, "-", "+"))
                .contains(
                        "[id, main:1:0/1001:0, operation, INSERT, table, public.tickets, change, "
                                + JSON
                                + "]");
        assertThat(handler.ordered()).isTrue();
    }

    @Test
    void whatIsReplayedIsAppendedOnceMoreAndSaysSo() {
        ChangeHandler handler = factory("{ key: \"" + key + "\" }").create(rule());
        RowChange first = inserted();
        RowChange replayed = first.in(first.transaction().as(Delivery.REPLAY));
        assertThat(handle(handler)).isEqualTo("appended stream=" + key);
        for (int i = 0; i < 2; i++) {
            assertThat(handler.handle(replayed).await().atMost(LIMIT).toString())
                    .isEqualTo("appended stream=" + key);
        }
        assertThat(REDIS.ask(Command.XLEN, key)).isEqualTo("3");
        assertThat(REDIS.ask(Command.XRANGE, key, "-", "+"))
                .contains(
                        "[id, main:1:0/1001:0, operation, INSERT, table, public.tickets, change, "
                                + JSON.substring(0, JSON.length() - 1)
                                + ",\"replayed\":true}]");
    }

    @Test
    void aConsumerGroupReadsAsTheDocumentsSay() {
        ChangeHandler handler = factory("{ key: \"" + key + "\" }").create(rule());
        assertThat(handle(handler)).isNotEmpty();
        REDIS.tell(Command.XGROUP, "CREATE", key, "search", "0", "MKSTREAM");

        String read =
                REDIS.ask(
                        Command.XREADGROUP,
                        "GROUP",
                        "search",
                        "one",
                        "COUNT",
                        "10",
                        "STREAMS",
                        key,
                        ">");
        assertThat(read).contains(JSON);
        assertThat(REDIS.ask(Command.XREAD, "COUNT", "10", "STREAMS", key, "0")).contains(JSON);
        assertThat(REDIS.ask(Command.XINFO, "GROUPS", key)).contains("search");
        String pending = REDIS.ask(Command.XPENDING, key, "search");
        assertThat(pending).startsWith("[1, ");
        String entry = String.valueOf(pending).split(", ", -1)[1];
        assertThat(REDIS.ask(Command.XAUTOCLAIM, key, "search", "two", "0", "0-0", "COUNT", "10"))
                .contains(JSON);
        assertThat(REDIS.ask(Command.XACK, key, "search", entry)).isEqualTo("1");
        assertThat(REDIS.ask(Command.XPENDING, key, "search")).startsWith("[0, ");
    }

    @Test
    void aRuleThatCanWorkHasNoFault() {
        assertThat(faults("{ key: \"{{orders}}:changes\", max-length: 1 }")).isEmpty();
    }

    @Test
    void whatIsMissingOrMalformedIsTold() {
        assertThat(faults("{ max-length: many }"))
                .containsExactly(
                        "Rule \"r\": stream.key is missing; write the stream's key, such as"
                                + " changes:orders.",
                        "Rule \"r\": stream.max-length is \"many\"; write how many entries are kept,"
                                + " from 1 to 1000000000.");
        assertThat(faults("{ key: \"a:{id}\", max-length: 0 }"))
                .containsExactly(
                        "Rule \"r\": stream.key differs from row to row; write a key without placeholders:"
                                + " a stream holds the changes of all rows.",
                        "Rule \"r\": stream.max-length is \"0\"; write how many entries are kept, from 1"
                                + " to 1000000000.");
        assertThat(faults("{ key: \"a}}b\" }"))
                .containsExactly(
                        "Rule \"r\": stream.key has a brace that is no part of a hash tag; leave it out,"
                                + " or write a tag such as {{orders}}.");
        assertThat(faults("{ key: \"a{b\" }"))
                .containsExactly(
                        "Rule \"r\": stream.key cannot be read: There is a \"{\" without its \"}\" (a"
                                + " literal one is written {{) at character 2 of \"a{b\".");
    }

    @Test
    void aPreviewShowsTheEntryAndAppendsNothing() {
        assertThat(
                        factory("{ key: \"" + key + "\" }")
                                .preview(rule(), inserted())
                                .await()
                                .atMost(LIMIT))
                .containsExactly("would append to the stream " + key + ":\n" + JSON);
        assertThat(REDIS.ask(Command.EXISTS, key)).isEqualTo("0");
    }

    private static RowChange inserted() {
        return TICKETS.insert(1, TICKETS.row("7"));
    }

    private static String handle(ChangeHandler handler) {
        return handler.handle(inserted()).await().atMost(LIMIT).toString();
    }

    private static List<String> faults(String stream) {
        return factory(stream)
                .check(rule(), List.of(TICKETS.relation()))
                .await()
                .atMost(LIMIT)
                .stream()
                .map(Fault::message)
                .toList();
    }

    private static StreamFactory factory(String stream) {
        RulesYaml yaml = RulesYaml.of("r: { tables: tickets, stream: " + stream + " }");
        return new StreamFactory(
                yaml.text(), REDIS.streams(), new Envelopes(source -> FakeQueries.NONE));
    }

    private static Rule rule() {
        Filter filter =
                new Filter(List.of(TablePattern.parse("tickets")), EnumSet.allOf(Operation.class));
        return new Rule("r", "stream", "main", filter, Rule.Retry.DEFAULT);
    }
}
