package dev.walmonitor.checker;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.RowChange;

/** A change as a handler was told of it. */
record Told(int xid, Lsn commit, int ordinal, Fact fact) {

    static Told of(RowChange change) {
        Lsn commit =
                switch (change.transaction().commit()) {
                    case Lsn lsn -> lsn;
                };
        return new Told(change.transaction().xid(), commit, change.ordinal(), Fact.of(change));
    }

    @Override
    public String toString() {
        return xid + ":" + ordinal + " " + fact;
    }
}
