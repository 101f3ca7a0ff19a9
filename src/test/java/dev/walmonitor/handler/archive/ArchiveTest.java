package dev.walmonitor.handler.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ChangeArchive;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.handler.json.Envelopes;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.RulesYaml;
import dev.walmonitor.rule.SampleTable;
import dev.walmonitor.rule.TablePattern;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.sql.FakeQueries;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.test.UniAssertSubscriber;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ArchiveTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final SampleTable TICKETS =
            SampleTable.of("public.tickets", ReplicaIdentity.FULL, "id*");

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Slow archive = new Slow();

    /** An archive that answers when it is told to. */
    private static final class Slow implements ChangeArchive {
        private final List<List<String>> stored = new ArrayList<>();
        private @Nullable UniEmitter<? super Integer> open;
        private @Nullable RuntimeException always;

        @Override
        public Uni<Integer> store(List<Archived> changes) {
            stored.add(changes.stream().map(Slow::id).toList());
            RuntimeException failure = always;
            if (failure != null && stored.getLast().contains("bad")) {
                return Uni.createFrom().failure(failure);
            }
            return always != null
                    ? Uni.createFrom().item(changes.size())
                    : Uni.createFrom().emitter(emitter -> open = emitter);
        }

        @Override
        public Uni<List<Archived>> read(Wanted wanted, int most) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Uni<Void> tend(
                Map<String, Duration> retention, Duration standard, Instant now, int ahead) {
            throw new UnsupportedOperationException();
        }

        private static String id(Archived one) {
            return String.valueOf(Objects.requireNonNull(one.change().row()).text("id"));
        }

        private void answer() {
            Objects.requireNonNull(open).complete(1);
        }

        private void fail(RuntimeException failure) {
            Objects.requireNonNull(open).fail(failure);
        }
    }

    @Test
    void whatComesWhileAWriteRunsGoesWithTheNextOne() {
        ChangeHandler handler = handler("{ retention: 7d }");
        var first = handle(handler, "1");
        var second = handle(handler, "2");
        var third = handle(handler, "3");

        assertThat(archive.stored).containsExactly(List.of("1"));
        first.assertNotTerminated();
        archive.answer();
        assertThat(first.getItem()).hasToString("archived");
        second.assertNotTerminated();
        assertThat(archive.stored).containsExactly(List.of("1"), List.of("2", "3"));
        archive.answer();
        second.assertCompleted();
        third.assertCompleted();
        assertThat(handler.ordered()).isFalse();
        assertThat(registry.get("wal_monitor_archive_batch_size").summary().max()).isEqualTo(2);
    }

    @Test
    void atMostABatchIsWrittenTogether() {
        ChangeHandler handler = handler("{ retention: 7d }");
        var _ = handle(handler, "1");
        for (int n = 2; n <= 6; n++) {
            var _ = handle(handler, "" + n);
        }
        archive.answer();
        archive.answer();

        assertThat(archive.stored)
                .containsExactly(List.of("1"), List.of("2", "3", "4"), List.of("5", "6"));
    }

    @Test
    void anArchiveThatIsAwayFailsWhatWasWrittenAndTakesTheRest() {
        ChangeHandler handler = handler("{ retention: 7d }");
        var first = handle(handler, "1");
        var second = handle(handler, "2");
        archive.fail(new SinkException("The archive is away", true));

        first.assertFailedWith(SinkException.class, "The archive is away");
        second.assertNotTerminated();
        archive.answer();
        second.assertCompleted();
    }

    @Test
    void aChangeThatCannotBeStoredKeepsNoOtherOut() {
        ChangeHandler handler = handler("{ retention: 7d }");
        var first = handle(handler, "1");
        var second = handle(handler, "2");
        var bad = handle(handler, "bad");
        var fourth = handle(handler, "4");
        archive.always = new SinkException("The archive does not take a change", false);
        archive.answer();

        first.assertCompleted();
        second.assertCompleted();
        fourth.assertCompleted();
        bad.assertFailedWith(SinkException.class, "The archive does not take a change");
        assertThat(archive.stored)
                .containsExactly(
                        List.of("1"),
                        List.of("2", "bad", "4"),
                        List.of("2"),
                        List.of("bad", "4"),
                        List.of("bad"),
                        List.of("4"));
    }

    @Test
    void theRetentionIsReadOrTakenFromAllRules() {
        ArchiveFactory factory = factory("{ retention: default }", Duration.ofDays(30));
        var _ = factory.create(rule());
        assertThat(factory.retention()).isEqualTo(Map.of("r", Duration.ofDays(30)));
        ArchiveFactory other = factory("{ retention: 1d }", Duration.ofDays(30));
        var _ = other.create(rule());
        assertThat(other.retention()).isEqualTo(Map.of("r", Duration.ofDays(1)));
    }

    @Test
    void aRetentionThatIsNoneIsTold() {
        for (String bad : List.of("soon", "23h", "3651d", "-1d")) {
            assertThat(faults("{ retention: " + bad + " }", Duration.ofDays(30)))
                    .containsExactly(
                            "Rule \"r\": archive.retention is \""
                                    + bad
                                    + "\"; write default, or a time from 1d to 3650d, such as 30d.");
        }
        assertThat(faults("{ retention: default }", Duration.ofHours(1)))
                .containsExactly(
                        "Rule \"r\": archive.retention is \"default, which is PT1H\"; write default, or a time"
                                + " from 1d to 3650d, such as 30d.");
        assertThat(faults("{ retention: 2d }", Duration.ofDays(30))).isEmpty();
        assertThatThrownBy(() -> handler("{ retention: 0d }"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPreviewShowsWhatWouldBeKept() {
        assertThat(
                        factory("{ retention: 7d }", Duration.ofDays(30))
                                .preview(rule(), TICKETS.insert(1, TICKETS.row("7")))
                                .await()
                                .atMost(LIMIT))
                .containsExactly(
                        "would keep for 7 days:\n"
                                + "{\"id\":\"main:1:0/1001:0\",\"source\":\"main\",\"operation\":\"INSERT\","
                                + "\"schema\":\"public\",\"table\":\"tickets\",\"timestamp\":\"2026-01-01T00:00:00Z\","
                                + "\"lsn\":\"0/1001\",\"xid\":1,\"old\":null,\"new\":{\"id\":\"7\"},"
                                + "\"changed_columns\":[\"id\"]}");
        assertThat(archive.stored).isEmpty();
    }

    private static UniAssertSubscriber<HandlerResult> handle(ChangeHandler handler, String id) {
        RowChange change = TICKETS.insert(1, TICKETS.row(id));
        return handler.handle(change)
                .subscribe()
                .withSubscriber(UniAssertSubscriber.<HandlerResult>create());
    }

    private ChangeHandler handler(String archive) {
        return factory(archive, Duration.ofDays(30)).create(rule());
    }

    private List<String> faults(String archive, Duration standard) {
        return factory(archive, standard)
                .check(rule(), List.of(TICKETS.relation()))
                .await()
                .atMost(LIMIT)
                .stream()
                .map(Fault::message)
                .toList();
    }

    private ArchiveFactory factory(String action, Duration standard) {
        RulesYaml yaml = RulesYaml.of("r: { tables: tickets, archive: " + action + " }");
        return new ArchiveFactory(
                yaml.text(),
                () -> archive,
                new Envelopes(source -> FakeQueries.NONE),
                standard,
                3,
                registry);
    }

    private static Rule rule() {
        Filter filter =
                new Filter(List.of(TablePattern.parse("tickets")), EnumSet.allOf(Operation.class));
        return new Rule("r", "archive", "main", filter, Rule.Retry.DEFAULT);
    }
}
