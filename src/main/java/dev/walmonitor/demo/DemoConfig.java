package dev.walmonitor.demo;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/**
 * The demo's settings. It is on where dev started an embedded database, and never in a database
 * that was configured.
 */
@ConfigMapping(prefix = "wal-monitor.demo")
interface DemoConfig {

    /** Whether there is a demo at all: its tables, its rules and its traffic. */
    @WithDefault("false")
    boolean enabled();

    /** Whether rows change by themselves. */
    @WithDefault("true")
    boolean traffic();

    /** How long it takes from one change to the next. */
    @WithDefault("4s")
    Duration interval();
}
