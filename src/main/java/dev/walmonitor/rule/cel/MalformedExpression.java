package dev.walmonitor.rule.cel;

import java.util.List;

/** An expression that cannot be asked, whatever the change. */
public final class MalformedExpression extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * One thing that is wrong.
     *
     * @param what where and what, without a full stop
     * @param fix a sentence
     */
    public record Problem(String what, String fix) {}

    private final transient List<Problem> problems;

    MalformedExpression(List<Problem> problems) {
        super(problems.getFirst().what(), null, false, false);
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }
}
