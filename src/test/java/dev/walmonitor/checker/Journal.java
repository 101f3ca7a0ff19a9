package dev.walmonitor.checker;

import dev.walmonitor.change.Lsn;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happened, in the order in which it happened. What a process does after its end did not
 * happen. Thread-safe; its monitor orders everything.
 */
final class Journal {
    /** What the last row of a trial says. */
    static final String LAST = "last";

    sealed interface Entry {

        /** A process began. */
        record Started(int life) implements Entry {}

        /** A rule's handler was given a change. */
        record Begun(String rule, Told told) implements Entry {}

        /** The handler has done its work for the change. */
        record Done(String rule, Told told) implements Entry {}

        /**
         * The handler reported a failure.
         *
         * @param after whether the work was done all the same
         */
        record Failed(String rule, Told told, boolean after) implements Entry {}

        /** The position is about to be stored. */
        record Storing(Lsn position) implements Entry {}

        /** The position is durable. */
        record Stored(Lsn position) implements Entry {}

        /** What the server took for confirmed, a moment before the entry was made. */
        record Sampled(Lsn confirmed) implements Entry {}

        /** The source said that it cannot go on by itself, or only slowly. */
        record Stuck(String sentence) implements Entry {}

        /**
         * The process was killed, or left.
         *
         * @param clean whether everything that it had taken in was done, stored and told
         * @param breaks how often its stream had been begun again
         */
        record Ended(boolean clean, long breaks) implements Entry {}

        /** Where the server stands after an orderly end. */
        record Left(Lsn confirmed) implements Entry {}
    }

    private final List<Entry> entries = new ArrayList<>();
    private int life;
    private boolean alive;
    private @Nullable String stuck;
    private int told;
    private boolean saidLast;

    synchronized void started(int number) {
        life = number;
        alive = true;
        entries.add(new Entry.Started(number));
    }

    /** Whether it happened: it did if the process is still there. */
    synchronized boolean add(int of, Entry entry) {
        if (!alive || of != life) {
            return false;
        }
        entries.add(entry);
        switch (entry) {
            case Entry.Stuck why -> stuck = why.sentence();
            case Entry.Begun begun -> told++;
            case Entry.Done done -> saidLast |= isLast(done.told());
            case Entry.Stored stored -> told++;
            case Entry.Started e -> {}
            case Entry.Failed e -> {}
            case Entry.Storing e -> {}
            case Entry.Sampled e -> {}
            case Entry.Ended e -> {}
            case Entry.Left e -> {}
        }
        return true;
    }

    /** Something that no process did. */
    synchronized void add(Entry entry) {
        entries.add(entry);
    }

    synchronized void ended(boolean clean, long breaks) {
        alive = false;
        entries.add(new Entry.Ended(clean, breaks));
    }

    /** Why waiting is of no use any more, or null. */
    synchronized @Nullable String stuck() {
        return stuck;
    }

    private static boolean isLast(Told told) {
        return LAST.equals(told.fact().after().get("p"));
    }

    /** How often anything was told to a handler, or stored. */
    synchronized int told() {
        return told;
    }

    /** Whether the last row was handled. */
    synchronized boolean saidLast() {
        return saidLast;
    }

    synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }
}
