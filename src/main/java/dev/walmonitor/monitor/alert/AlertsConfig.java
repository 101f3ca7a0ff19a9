package dev.walmonitor.monitor.alert;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** When somebody is told that something is wrong, and whom. */
@ConfigMapping(prefix = "wal-monitor.alerts")
public interface AlertsConfig {

    @WithDefault("true")
    boolean enabled();

    /** How often it is looked. */
    @WithDefault("10s")
    Duration every();

    /** How long something has to be so before it is told, and to be over before that is told. */
    @WithDefault("30s")
    Duration hold();

    /** By which channels: {@code log}, {@code mail}, {@code slack}, {@code teams}. */
    @WithDefault("log")
    List<String> channels();

    /** E-mail addresses, for channels that write to people. */
    Optional<List<String>> to();

    /** Kinds that nobody wants to be told of, such as {@code cache-divergence}. */
    Optional<Set<String>> off();

    /** How far behind is too far: log that was written and not yet confirmed. */
    @WithDefault("1G")
    MemorySize lag();

    /** Which part of what a slot may keep is too much, in percent. */
    @WithDefault("70")
    int retainedPercent();

    /** In which time a slot must not be lost, as it looks. */
    @WithDefault("1h")
    Duration timeLeft();

    /**
     * Whether rules that hold up the log are parked from {@link #retainedPercent} on, of sources
     * whose budget does not say from where on ({@code sources.NAME.budget.spill-at}).
     */
    @WithDefault("false")
    boolean spill();

    /** Which part of the keys of a cache that were last audited may be wrong, from 0 to 1. */
    @WithDefault("0")
    double divergence();

    /** How long alerts that are over are kept. */
    @WithDefault("90d")
    Duration keep();
}
