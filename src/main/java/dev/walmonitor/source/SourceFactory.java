package dev.walmonitor.source;

import dev.walmonitor.source.SourcesConfig.SourceConfig;
import io.vertx.core.Context;

/**
 * Makes the sources of one kind of database. One bean a kind, found by its type; nobody imports it.
 */
public interface SourceFactory {

    DatabaseUrl.Kind kind();

    /**
     * Makes a source; nothing is connected yet.
     *
     * @param context an event-loop context of the source's own
     * @throws IllegalArgumentException if the configuration cannot work; the message says what to
     *     change
     */
    ChangeSource create(String name, SourceConfig config, DatabaseUrl url, Context context);

    /**
     * The care of a source's database; nothing is connected yet.
     *
     * @throws IllegalArgumentException as {@link #create}
     */
    Upkeep upkeep(String name, SourceConfig config, DatabaseUrl url);

    /**
     * Changes in the tables of a source's database; nothing is connected yet.
     *
     * @throws IllegalArgumentException as {@link #create}
     */
    Simulation simulation(String name, SourceConfig config, DatabaseUrl url);
}
