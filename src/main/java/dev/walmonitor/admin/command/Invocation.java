package dev.walmonitor.admin.command;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the arguments mean for the configuration: a command other than {@code serve} starts no
 * service, and one about a file of rules takes its rules from there and from nowhere else.
 */
record Invocation(Map<String, String> settings) {
    private static final String COMMAND = "wal-monitor.command";
    private static final String RULES = "wal-monitor.command.rules";
    private static final String LOCATIONS = "smallrye.config.locations";

    static Invocation of(String... arguments) {
        Map<String, String> settings = new TreeMap<>();
        if (isService(arguments)) {
            return new Invocation(settings);
        }
        settings.put(COMMAND, arguments[0]);
        List<String> words = words(arguments);
        // a file that is not there is told by the command, in its own words
        if (words.size() > 2
                && words.getFirst().equals("rules")
                && Files.isReadable(Path.of(words.get(2)))) {
            URI file = Path.of(words.get(2)).toAbsolutePath().toUri();
            settings.put(RULES, file.getRawPath());
            settings.put(LOCATIONS, file.toString());
        }
        return new Invocation(settings);
    }

    /** Nothing said is {@code serve}; an option first is one of it, or asks for help. */
    private static boolean isService(String... arguments) {
        return arguments.length == 0 || arguments[0].equals("serve");
    }

    /** The arguments that are neither an option nor an option's value. */
    private static List<String> words(String... arguments) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            if (!arguments[i].startsWith("-")) {
                words.add(arguments[i]);
            } else if (!arguments[i].contains("=")) {
                i++;
            }
        }
        return words;
    }
}
