package dev.walmonitor.source;

import java.util.List;

/**
 * Something about a database that somebody should know.
 *
 * @param about what was looked at, in a word or two such as {@code wal_level}
 * @param sentence what is wrong, or worth knowing; no secret, no row value
 * @param remedy what else mends it, or has to be done with the statements; empty if nothing
 * @param statements SQL that mends it, in this order; empty where SQL cannot
 */
public record Finding(
        Severity severity, String about, String sentence, String remedy, List<String> statements) {

    /** How bad it is. */
    public enum Severity {
        /** It does not work, or will not for long. */
        FAULT,
        /** It works, and something may go wrong one day. */
        WARNING,
        /** It works. */
        REMARK
    }

    public Finding {
        statements = List.copyOf(statements);
    }

    public static Finding fault(
            String about, String sentence, String remedy, String... statements) {
        return new Finding(Severity.FAULT, about, sentence, remedy, List.of(statements));
    }

    public static Finding warning(
            String about, String sentence, String remedy, String... statements) {
        return new Finding(Severity.WARNING, about, sentence, remedy, List.of(statements));
    }

    public static Finding remark(
            String about, String sentence, String remedy, String... statements) {
        return new Finding(Severity.REMARK, about, sentence, remedy, List.of(statements));
    }
}
