package dev.walmonitor.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.source.TestSources;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfiguredSourcesTest {

    private static List<String> faults(Map<String, String> properties) {
        return new ConfiguredSources(TestSources.configured(properties), List.of()).faults();
    }

    @Test
    void aSourceWhoseNameIsDigitsAloneIsRefused() {
        assertThat(faults(Map.of("17.url", "postgresql://app@db/app")))
                .containsExactly(
                        "Source 17: a name of digits alone would be taken for an id in the API; give it a letter.");
    }

    @Test
    void aDatabaseThatNobodyKnowsHowToReadIsRefused() {
        assertThat(faults(Map.of("shop.url", "postgresql://app@db/app")))
                .containsExactly("Source shop: postgresql cannot be watched by this version.");
    }

    @Test
    void noSourceAtAllIsAFault() {
        assertThat(faults(Map.of("shop.slot", "unused")))
                .containsExactly(
                        "No database is configured. Set DATABASE_URL, such as postgresql://user:password@host:5432/database.");
    }
}
