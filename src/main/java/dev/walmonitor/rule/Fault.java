package dev.walmonitor.rule;

/**
 * Why a rule cannot work.
 *
 * @param rule the rule's name
 * @param what what is wrong, one sentence
 * @param fix what mends it: a sentence or a statement
 */
public record Fault(String rule, String what, String fix) {

    /** One line for the log. */
    public String message() {
        return "Rule \"" + rule + "\": " + what + " " + fix;
    }
}
