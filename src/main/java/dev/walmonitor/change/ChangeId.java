package dev.walmonitor.change;

/**
 * What identifies a change for ever: the place of its transaction's commit, and its ordinal among
 * the transaction's changes, from 0. Row positions would not do: several rows of one COPY share
 * one.
 */
public record ChangeId(Position commit, int ordinal) implements Comparable<ChangeId> {

    @Override
    public int compareTo(ChangeId other) {
        int c = commit.compareTo(other.commit);
        return c != 0 ? c : Integer.compare(ordinal, other.ordinal);
    }

    @Override
    public String toString() {
        return commit.text() + ":" + ordinal;
    }
}
