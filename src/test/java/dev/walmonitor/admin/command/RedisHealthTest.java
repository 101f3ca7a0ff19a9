package dev.walmonitor.admin.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.source.Finding;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RedisHealthTest {

    private static List<String> told(String info, Map<String, String> settings) {
        return RedisHealth.of(info, settings).findings().stream()
                .map(finding -> finding.severity() + " " + finding.sentence())
                .toList();
    }

    @Test
    void aServerThatKeepsWhatItIsGivenIsSound() {
        assertThat(
                        told(
                                "# Server\r\nrole:master\r\naof_enabled:1\r\n",
                                Map.of(
                                        "maxmemory",
                                        "1073741824",
                                        "maxmemory-policy",
                                        "noeviction")))
                .isEmpty();
    }

    @Test
    void oneThatForgetsFollowsOrCannotWriteIsNot() {
        assertThat(
                        told(
                                "role:slave\r\naof_enabled:0\r\nrdb_last_bgsave_status:err\r\n",
                                Map.of(
                                        "maxmemory", "0",
                                        "maxmemory-policy", "allkeys-lru",
                                        "save", "")))
                .containsExactly(
                        "WARNING When its memory is full Redis takes keys away (maxmemory-policy"
                                + " allkeys-lru): with a cache's fence goes what keeps an old value from"
                                + " coming back.",
                        "REMARK Redis may take all memory of its machine (maxmemory 0).",
                        "WARNING Redis keeps nothing over a restart: every cache is then filled anew,"
                                + " and streams are gone.",
                        "FAULT This Redis follows another one, and takes no writes.",
                        "FAULT Redis cannot write its data to disk, and may refuse all writes.");
    }

    @Test
    void oneThatTellsLittleIsNotAccused() {
        assertThat(RedisHealth.of("", Map.of()).findings())
                .containsExactly(
                        Finding.remark(
                                "redis",
                                "Redis does not tell its maxmemory-policy.",
                                "Have it noeviction."));
        assertThat(told("maxmemory:5\nmaxmemory_policy:noeviction\n", Map.of())).isEmpty();
    }
}
