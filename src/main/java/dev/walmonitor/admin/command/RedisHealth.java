package dev.walmonitor.admin.command;

import dev.walmonitor.source.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is to be said of Redis. Pure.
 *
 * @param info the answer to INFO
 * @param settings of CONFIG GET, as far as it was allowed
 */
record RedisHealth(Map<String, String> info, Map<String, String> settings) {
    private static final String ABOUT = "redis";

    static RedisHealth of(String info, Map<String, String> settings) {
        Map<String, String> fields = new TreeMap<>();
        info.lines()
                .filter(line -> !line.startsWith("#") && line.indexOf(':') > 0)
                .forEach(line ->
                        fields.put(
                                line.substring(0, line.indexOf(':')),
                                line.substring(line.indexOf(':') + 1).strip()));
        return new RedisHealth(fields, settings);
    }

    List<Finding> findings() {
        List<Finding> found = new ArrayList<>();
        policy(found);
        persistence(found);
        if ("slave".equals(info.get("role"))) {
            found.add(
                    Finding.fault(
                            ABOUT,
                            "This Redis follows another one, and takes no writes.",
                            "Name the one that it follows in REDIS_URL."));
        }
        if ("err".equals(info.get("rdb_last_bgsave_status"))
                || "err".equals(info.get("aof_last_write_status"))) {
            found.add(
                    Finding.fault(
                            ABOUT,
                            "Redis cannot write its data to disk, and may refuse all writes.",
                            "See its log; most often the disk is full."));
        }
        return found;
    }

    private void policy(List<Finding> found) {
        @Nullable String policy = setting("maxmemory-policy", "maxmemory_policy");
        @Nullable String limit = setting("maxmemory", "maxmemory");
        if (policy == null) {
            found.add(
                    Finding.remark(
                            ABOUT,
                            "Redis does not tell its maxmemory-policy.",
                            "Have it noeviction."));
        } else if (!policy.equals("noeviction")) {
            found.add(
                    Finding.warning(
                            ABOUT,
                            "When its memory is full Redis takes keys away (maxmemory-policy "
                                    + policy
                                    + "): with a cache's fence goes what keeps an old value from coming"
                                    + " back.",
                            "Run in Redis: CONFIG SET maxmemory-policy noeviction"));
        }
        if ("0".equals(limit)) {
            found.add(
                    Finding.remark(
                            ABOUT,
                            "Redis may take all memory of its machine (maxmemory 0).",
                            "Run in Redis: CONFIG SET maxmemory 1gb, or what it may take."));
        }
    }

    private @Nullable String setting(String config, String told) {
        @Nullable String value = settings.get(config);
        return value == null ? info.get(told) : value;
    }

    private void persistence(List<Finding> found) {
        boolean snapshots = !settings.getOrDefault("save", "unknown").isEmpty();
        if (!"1".equals(info.get("aof_enabled")) && !snapshots) {
            found.add(
                    Finding.warning(
                            ABOUT,
                            "Redis keeps nothing over a restart: every cache is then filled anew, and"
                                    + " streams are gone.",
                            "Run in Redis: CONFIG SET appendonly yes"));
        }
    }
}
