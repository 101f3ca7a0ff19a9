package dev.walmonitor.admin.logs;

import io.quarkus.logging.LoggingFilter;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logmanager.ExtFormatter;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.formatters.PatternFormatter;

/**
 * Takes out of our own sentences what they are about, and gives it to the record under one key a
 * concept, so that a search need not know the sentences. Never keeps a record back.
 */
@LoggingFilter(name = "concepts")
public final class Concepts implements Filter {
    private static final String OURS = "dev.walmonitor";
    private static final ExtFormatter SENTENCES = new PatternFormatter("%s");

    /** As all our sentences begin or go on; {@code key=value} says it in so many words. */
    private static final Pattern ABOUT =
            Pattern.compile(
                    "\\b(?:[Ss]ource \"?(?<source>[A-Za-z0-9_.-]+)\"?|rule \"?(?<rule>[A-Za-z0-9_.-]+)\"?"
                            + "|slot \"?(?<slot>[a-z0-9_]+)\"?"
                            + "|(?<key>source_id|monitor_id|status|source|rule|slot|table|lsn)=(?<value>[^\\s,;]+))");

    @Override
    public boolean isLoggable(LogRecord record) {
        String logger = record.getLoggerName();
        if (record instanceof ExtLogRecord ours && logger != null && logger.startsWith(OURS)) {
            of(SENTENCES.formatMessage(ours)).forEach(ours::putMdc);
        }
        return true;
    }

    /** What a sentence is about, by concept. */
    static Map<String, String> of(String sentence) {
        Map<String, String> about = new TreeMap<>();
        Matcher found = ABOUT.matcher(sentence);
        while (found.find()) {
            String key = found.group("key");
            if (key != null) {
                about.putIfAbsent(key, found.group("value"));
            }
            for (String concept : new String[] {"source", "rule", "slot"}) {
                String value = found.group(concept);
                if (value != null) {
                    about.putIfAbsent(concept, value.replaceFirst("[.:]+$", ""));
                }
            }
        }
        return about;
    }
}
