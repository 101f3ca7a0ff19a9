package dev.walmonitor.rule.cel;

/**
 * An expression that is sound and has no answer for this one change, as when a number overflows.
 * The message shows no value of a row.
 */
public final class ExpressionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ExpressionException(String message) {
        super(message, null, false, false);
    }
}
