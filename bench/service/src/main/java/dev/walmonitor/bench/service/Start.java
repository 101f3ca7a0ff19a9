package dev.walmonitor.bench.service;

import dev.walmonitor.admin.command.Main;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.HashMap;
import java.util.Map;

/**
 * Starts the packaged service on one slot: {@code --host H --port P --db D --user U --slots S --pub
 * P}, and {@code --rows N} or {@code --latfile FILE}; {@code --unmatched END} has no rule match
 * anything, and ends where the log was confirmed up to END; {@code --streaming}, {@code --binary};
 * {@code --rules FILE} for more rules, {@code --second-half} to tell what the second half of the
 * rows cost.
 */
@QuarkusMain(name = Start.NAME)
public final class Start {
    static final String NAME = "bench";

    private Start() {}

    public static void main(String... words) {
        Map<String, String> arguments = new HashMap<>();
        for (int i = 0; i < words.length; i++) {
            boolean flag = i + 1 == words.length || words[i + 1].startsWith("--");
            arguments.put(words[i].substring(2), flag ? "true" : words[++i]);
        }
        String server = "%s:%s/".formatted(arguments.get("host"), arguments.get("port"));
        String prefix = "wal-monitor.sources.main.";
        System.setProperty(
                prefix + "url",
                "postgresql://%s@%s%s?sslmode=disable&require_auth=none"
                        .formatted(arguments.get("user"), server, arguments.get("db")));
        System.setProperty(prefix + "slot", arguments.get("slots"));
        System.setProperty(prefix + "publication", arguments.get("pub"));
        System.setProperty(prefix + "manage", "false");
        System.setProperty(prefix + "streaming", arguments.getOrDefault("streaming", "false"));
        System.setProperty(prefix + "binary", arguments.getOrDefault("binary", "false"));
        System.setProperty(
                "quarkus.datasource.jdbc.url", "jdbc:postgresql://" + server + FreshRecord.NAME);
        System.setProperty(
                "quarkus.datasource.reactive.url", "postgresql://" + server + FreshRecord.NAME);
        System.setProperty("quarkus.datasource.username", arguments.get("user"));
        if (arguments.containsKey("rules")) {
            System.setProperty("smallrye.config.locations", arguments.get("rules"));
        }
        // No rule needs it; nothing listens there.
        System.setProperty("quarkus.redis.hosts", "redis://127.0.0.1:1");
        System.setProperty("quarkus.http.host", "127.0.0.1");
        System.setProperty("quarkus.http.port", "0");
        System.setProperty("quarkus.management.host", "127.0.0.1");
        System.setProperty("quarkus.management.port", "0");
        System.setProperty("quarkus.log.console.json.enabled", "false");
        arguments.forEach((name, value) -> System.setProperty("bench." + name, value));
        Main.main();
    }
}
