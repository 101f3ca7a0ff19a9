package dev.walmonitor.sink.sql;

import java.util.Set;

/** The databases that rules may write to, by name. */
public interface Datasources {

    /** The names of all, the sources among them. */
    Set<String> names();

    /**
     * @throws IllegalArgumentException if there is none of that name, or its configuration cannot
     *     work; the message says why
     */
    Statements of(String name);
}
