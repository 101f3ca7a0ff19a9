package dev.walmonitor.handler.notify;

import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.Hash;
import dev.walmonitor.handler.Notifications.Move;
import dev.walmonitor.rule.Side;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What a rule does so that many changes do not become as many messages. */
record Storm(
        Digest digest,
        Optional<Duration> dedupe,
        Optional<Reverted> reverted,
        Optional<Quiet> quiet) {

    static final Storm NONE =
            new Storm(Digest.Never.NEVER, Optional.empty(), Optional.empty(), Optional.empty());

    /** Which changes are told together. */
    sealed interface Digest {

        /** Each is told by itself. */
        enum Never implements Digest {
            NEVER
        }

        /** Those that come within a time of the first one. */
        record Within(Duration time) implements Digest {}

        /** Those of one transaction. */
        enum Transaction implements Digest {
            TRANSACTION
        }
    }

    /**
     * Updates are held, and not told if their row is set back.
     *
     * @param columns those that count
     */
    record Reverted(Duration within, Set<String> columns) {
        Reverted {
            columns = new TreeSet<>(columns);
        }

        private Move move(RowChange.Update update) {
            return new Move(row(update), state(update, Side.OLD), state(update, Side.NEW));
        }

        private static String row(RowChange.Update update) {
            Hash row = new Hash();
            row.add(update.table().toString());
            for (String column : update.relation().keyNames()) {
                row.add(text(Side.NEW.value(update, column)));
            }
            return row.hex();
        }

        private String state(RowChange.Update update, Side side) {
            Hash state = new Hash();
            for (String column : columns) {
                if (update.relation().indexOf(column) >= 0) {
                    state.add(text(side.value(update, column)));
                }
            }
            return state.hex();
        }

        private static String text(ColumnValue value) {
            return switch (value) {
                case ColumnValue.Text text -> "t" + text.text();
                case ColumnValue.Binary binary ->
                        "b" + new String(binary.bytes(), StandardCharsets.ISO_8859_1);
                case ColumnValue.Null nothing -> "n";
                case ColumnValue.Absent absent -> "a";
            };
        }
    }

    /** How long an update is held at least. */
    Duration held() {
        return reverted.map(Reverted::within).orElse(Duration.ZERO);
    }

    /** Whether every change waits for others. */
    boolean foldsAll() {
        return !(digest instanceof Digest.Never);
    }

    /** Whether a change that comes now waits. */
    boolean folds(RowChange change, Instant now) {
        return foldsAll()
                || move(change).isPresent()
                || quiet.flatMap(hours -> hours.end(now)).isPresent();
    }

    /** What an update does to its row, if that counts. */
    Optional<Move> move(RowChange change) {
        return change instanceof RowChange.Update update && !change.relation().key().isEmpty()
                ? reverted.map(held -> held.move(update))
                : Optional.empty();
    }
}
