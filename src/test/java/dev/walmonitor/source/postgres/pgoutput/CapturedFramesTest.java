package dev.walmonitor.source.postgres.pgoutput;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Insert;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.StreamAbort;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** That the captured streams hold what the tests that damage them rely on. */
class CapturedFramesTest {
    private final List<CapturedFrames.Stream> streams = CapturedFrames.streams();

    private List<PgOutputMessage> messages(Predicate<String> options) {
        List<PgOutputMessage> messages = new ArrayList<>();
        for (CapturedFrames.Stream stream : streams) {
            if (options.test(stream.options())) {
                messages.addAll(Listener.messages(stream));
            }
        }
        return messages;
    }

    private static Set<String> types(List<PgOutputMessage> messages) {
        Set<String> types = new TreeSet<>();
        messages.forEach(message -> types.add(message.getClass().getSimpleName()));
        return types;
    }

    @Test
    void everyTypeOfMessageIsThereInEveryVersionThatHasIt() {
        List<String> plain =
                List.of(
                        "Begin",
                        "Commit",
                        "Delete",
                        "Insert",
                        "LogicalMessage",
                        "Origin",
                        "RelationMessage",
                        "StreamAbort",
                        "Truncate",
                        "TypeMessage",
                        "Update");
        List<String> streamed = List.of("StreamStart", "StreamStop", "StreamCommit");
        List<String> prepared =
                List.of(
                        "BeginPrepare",
                        "Prepare",
                        "CommitPrepared",
                        "RollbackPrepared",
                        "StreamPrepare");

        for (int version = 1; version <= 4; version++) {
            String asked = "proto_version '" + version + "'";
            Set<String> types = types(messages(options -> options.contains(asked)));
            assertThat(types).as(asked).containsAll(plain);
            if (version >= 2) {
                assertThat(types).as(asked).containsAll(streamed);
            }
            if (version >= 3) {
                assertThat(types).as(asked).containsAll(prepared);
            }
        }
    }

    @Test
    void allFormsOfValuesAndOfAbortsAreThere() {
        assertThat(messages(options -> options.contains("binary")))
                .anyMatch(m ->
                        m instanceof Insert insert
                                && insert.row().values().stream()
                                        .anyMatch(ColumnValue.Binary.class::isInstance));
        assertThat(messages(options -> options.contains("parallel")))
                .anyMatch(m -> m instanceof StreamAbort abort && abort.lsn() != null)
                .anyMatch(m -> m instanceof StreamAbort abort && abort.subXid() != abort.xid());
        assertThat(messages(options -> true))
                .anyMatch(m ->
                        m instanceof PgOutputMessage.Update update
                                && update.after().values().stream()
                                        .anyMatch(ColumnValue.Absent.class::isInstance));
    }
}
