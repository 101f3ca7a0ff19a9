package dev.walmonitor.bench.debezium;

import dev.walmonitor.bench.consumer.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** What the engine delivered, counted; at a steady rate its times are read too. */
final class Changes {
    private final Outcome outcome;
    private final Runnable over;
    private boolean told;

    Changes(Outcome outcome, Runnable over) {
        this.outcome = outcome;
        this.over = over;
    }

    synchronized void json(@Nullable String value) {
        if (value == null) {
            return;
        }
        if (outcome.timed()) {
            int payload = value.lastIndexOf("\"payload\":");
            int after = value.indexOf("\"after\":", payload);
            int source = value.indexOf("\"source\":", payload);
            long commit = number(value, "\"ts_us\":", source);
            count(outcome.row(number(value, "\"stamp\":", after), commit));
        } else {
            count();
        }
    }

    synchronized void record(SourceRecord record) {
        if (!(record.value() instanceof Struct change)) {
            return;
        }
        if (outcome.timed()) {
            long stamp = change.getStruct("after").getInt64("stamp");
            count(outcome.row(stamp, change.getStruct("source").getInt64("ts_us")));
        } else {
            count();
        }
    }

    private void count() {
        outcome.row();
        count(outcome.complete());
    }

    private void count(boolean last) {
        if (last && !told) {
            told = true;
            try {
                outcome.tell();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            over.run();
        }
    }

    private static long number(String json, String name, int from) {
        int begin = json.indexOf(name, from) + name.length();
        int end = begin;
        while (Character.isDigit(json.charAt(end))) {
            end++;
        }
        return Long.parseLong(json, begin, end, 10);
    }
}
