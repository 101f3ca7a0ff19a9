package dev.walmonitor.monitor.alert;

import io.quarkus.runtime.configuration.MemorySize;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** As it is without a setting, but for some. */
record Settings(
        Duration hold, List<String> channels, Optional<List<String>> to, Optional<Set<String>> off)
        implements AlertsConfig {
    static final Settings DEFAULT =
            new Settings(
                    Duration.ofSeconds(30), List.of("log"), Optional.empty(), Optional.empty());

    Settings told(List<String> by, List<String> whom) {
        return new Settings(hold, by, Optional.of(whom), off);
    }

    Settings without(String kind) {
        return new Settings(hold, channels, to, Optional.of(Set.of(kind)));
    }

    @Override
    public boolean enabled() {
        return true;
    }

    @Override
    public Duration every() {
        return Duration.ofSeconds(10);
    }

    @Override
    public MemorySize lag() {
        return new MemorySize(BigInteger.valueOf(1L << 30));
    }

    @Override
    public int retainedPercent() {
        return 70;
    }

    @Override
    public Duration timeLeft() {
        return Duration.ofHours(1);
    }

    @Override
    public boolean spill() {
        return true;
    }

    @Override
    public double divergence() {
        return 0;
    }

    @Override
    public Duration keep() {
        return Duration.ofDays(90);
    }
}
