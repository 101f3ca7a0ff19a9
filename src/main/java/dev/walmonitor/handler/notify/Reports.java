package dev.walmonitor.handler.notify;

import dev.walmonitor.handler.Notifications.Entry;
import dev.walmonitor.handler.Notifications.Outcome;
import dev.walmonitor.rule.Rule;
import org.jspecify.annotations.Nullable;

/** Counts what becomes of the notifications of one rule, and puts it on record. Thread-safe. */
record Reports(Rule rule, Desk desk) {

    /**
     * What it is about.
     *
     * @param recipient empty for whoever reads the channel, or if that is not known
     * @param channel empty if there is none
     * @param title empty if there is none
     */
    record About(String change, String recipient, String channel, String title) {}

    /**
     * @param dedupe by which the same is known again, or null
     */
    void sent(About about, @Nullable String dedupe) {
        count(about.channel(), Outcome.SENT);
        record(about, Outcome.SENT, null, dedupe);
    }

    void suppressed(About about, String why) {
        count(about.channel(), Outcome.SUPPRESSED);
        record(about, Outcome.SUPPRESSED, why, null);
    }

    /**
     * @param first whether it failed for the first time: only that goes on record
     */
    void failed(About about, Throwable failure, boolean first) {
        count(about.channel(), Outcome.FAILED);
        if (first) {
            String why = failure.getMessage();
            record(
                    about,
                    Outcome.FAILED,
                    why == null ? failure.getClass().getSimpleName() : why,
                    null);
        }
    }

    void folded(About about) {
        desk.meters().folded(rule.source(), rule.name(), about.channel());
    }

    private void count(String channel, Outcome outcome) {
        desk.meters().ended(rule.source(), rule.name(), channel, outcome);
    }

    private void record(
            About about, Outcome outcome, @Nullable String why, @Nullable String dedupe) {
        desk.log()
                .add(
                        new Entry(
                                rule.source(),
                                rule.name(),
                                about.change(),
                                1,
                                about.recipient(),
                                about.channel(),
                                outcome,
                                why,
                                about.title(),
                                dedupe,
                                desk.clock().instant()));
    }
}
