package dev.walmonitor.rule.cel;

import dev.walmonitor.change.ColumnValue;

/** What an expression is asked about: one change. */
public interface Facts {

    /** The names that mean a text. */
    enum Name {
        /** Such as {@code update}, as in the rules file. */
        EVENT,
        /** Such as {@code UPDATE}, as in the envelope of a change. */
        OP,
        /** Without its schema. */
        TABLE,
        SCHEMA
    }

    String text(Name name);

    /** Whether there is a row on a side: before the change, or after it. */
    boolean hasRow(boolean before);

    /** NULL where there is no row. */
    ColumnValue value(boolean before, String column);

    /** The type's OID. */
    int type(String column);

    /** Whether the change gave the column another value. */
    Answer changed(String column);
}
