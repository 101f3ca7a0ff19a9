package dev.walmonitor.pipeline;

import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TableName;
import dev.walmonitor.change.Transaction;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What a source tells, in few words. */
final class Events {
    /** The log that all events of a test are of. */
    static final LogIdentity LOG = new LogIdentity("7000000000000000001", 1, 1);

    private Events() {}

    /** A table whose columns are {@code a}, {@code b}, {@code c}, … */
    static Relation table(String name, int columns, Integer... key) {
        return new Relation(
                name.hashCode(),
                TableName.parse(name),
                ReplicaIdentity.DEFAULT,
                IntStream.range(0, columns)
                        .mapToObj(i ->
                                new Column(
                                        String.valueOf((char) ('a' + i)),
                                        25,
                                        -1,
                                        Arrays.asList(key).contains(i)))
                        .toList(),
                List.of(key));
    }

    static Transaction transaction(long commit) {
        return new Transaction(
                "main", 1, new Lsn(commit), Instant.parse("2026-01-01T00:00:00Z"), (int) commit);
    }

    static ChangeEvent begin(Transaction transaction) {
        return new ChangeEvent.Begin(transaction);
    }

    /** Ends right behind its commit record. */
    static ChangeEvent commit(Transaction transaction) {
        return new ChangeEvent.Commit(transaction, end(transaction));
    }

    static Lsn end(Transaction transaction) {
        return new Lsn(transaction.commit().number() + 1);
    }

    static ChangeEvent progress(long position) {
        return new ChangeEvent.Progress(new Lsn(position), false);
    }

    static ChangeEvent resumed(long from) {
        return new ChangeEvent.Resumed(new Lsn(from), LOG, null);
    }

    static RowChange insert(Transaction transaction, int ordinal, Relation table, Object... row) {
        return new RowChange.Insert(transaction, ordinal, row(table, row));
    }

    static RowChange truncate(Transaction transaction, int ordinal, Relation table) {
        return new RowChange.Truncate(transaction, ordinal, table, false, false);
    }

    /** A row; {@link ColumnValue}s stand for themselves. */
    static Row row(Relation table, Object... values) {
        return Row.of(
                table,
                Arrays.stream(values)
                        .map(v ->
                                v instanceof ColumnValue value
                                        ? value
                                        : new ColumnValue.Text(v.toString()))
                        .toArray(ColumnValue[]::new));
    }
}
