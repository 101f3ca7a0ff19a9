package dev.walmonitor.sink;

/** Whether, and how, a channel gets a message to somebody. */
public sealed interface Reach {

    /** To an account of theirs: the first such channel of a rule is enough. */
    enum Account implements Reach {
        ACCOUNT
    }

    /** To a place that others read too; used where no channel knows an account. */
    enum Room implements Reach {
        ROOM
    }

    /** To a record of all messages, beside whatever else is used. */
    enum Always implements Reach {
        ALWAYS
    }

    /**
     * Not at all.
     *
     * @param why for people, such as {@code no e-mail address}; nothing of the recipient
     */
    record Nowhere(String why) implements Reach {}
}
