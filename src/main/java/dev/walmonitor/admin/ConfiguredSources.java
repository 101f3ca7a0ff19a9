package dev.walmonitor.admin;

import dev.walmonitor.change.Relation;
import dev.walmonitor.monitor.SourceRepository;
import dev.walmonitor.pipeline.RunningPipelines;
import dev.walmonitor.rule.Nearest;
import dev.walmonitor.source.ChangeSource;
import dev.walmonitor.source.ColumnPolicy;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.MalformedUrl;
import dev.walmonitor.source.Simulation;
import dev.walmonitor.source.SourceFactory;
import dev.walmonitor.source.SourceProfile;
import dev.walmonitor.source.SourcesConfig;
import dev.walmonitor.source.SourcesConfig.SourceConfig;
import dev.walmonitor.source.Upkeep;
import io.quarkus.arc.All;
import io.vertx.core.Context;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The sources of the configuration that have a URL, and what is wrong with the others. Immutable.
 */
@Singleton
public class ConfiguredSources {

    private record Configured(SourceConfig config, DatabaseUrl url, SourceFactory factory) {}

    private final Map<String, Configured> sources = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();
    private final boolean none;

    ConfiguredSources(SourcesConfig config, @All List<SourceFactory> factories) {
        new TreeMap<>(config.sources()).forEach((name, source) -> add(name, source, factories));
        none = sources.isEmpty() && faults.isEmpty();
        if (none) {
            faults.add(
                    "No database is configured. Set DATABASE_URL, such as postgresql://user:password@host:5432/database.");
        }
    }

    private void add(String name, SourceConfig config, List<SourceFactory> factories) {
        if (config.url().isEmpty()) {
            return;
        }
        if (SourceRepository.isId(name)) {
            faults.add(
                    "Source "
                            + name
                            + ": a name of digits alone would be taken for an id in the API; give it a letter.");
            return;
        }
        try {
            DatabaseUrl url = DatabaseUrl.parse(config.url().get());
            Optional<SourceFactory> factory =
                    factories.stream().filter(f -> f.kind() == url.kind()).findFirst();
            factory.ifPresentOrElse(
                    f -> sources.put(name, new Configured(config, url, f)),
                    () ->
                            faults.add(
                                    "Source "
                                            + name
                                            + ": "
                                            + kind(url)
                                            + " cannot be watched by this version."));
        } catch (MalformedUrl e) {
            faults.add("Source " + name + ": " + e.getMessage());
        }
    }

    /** What is wrong with them, a sentence each; that there is none is wrong too. */
    public List<String> faults() {
        return List.copyOf(faults);
    }

    /** Whether nothing is wrong but that none is configured. */
    public boolean areNone() {
        return none;
    }

    public List<String> names() {
        return List.copyOf(sources.keySet());
    }

    /**
     * What is wrong with the columns that a source is told to drop, mask or hash, a sentence each.
     *
     * @param tables as the database has them
     */
    public List<String> columnFaults(String name, List<Relation> tables) {
        return ColumnPolicy.of(find(name).config()).faults(name, tables, Nearest::to);
    }

    /** The tables as everybody sees them, without what is dropped. */
    public List<Relation> visible(String name, List<Relation> tables) {
        ColumnPolicy policy = ColumnPolicy.of(find(name).config());
        return tables.stream().map(policy::visible).toList();
    }

    List<SourceProfile> profiles() {
        List<SourceProfile> profiles = new ArrayList<>();
        sources.forEach((name, source) ->
                profiles.add(new SourceProfile(name, kind(source.url()), source.config().slot())));
        return profiles;
    }

    RunningPipelines.Options options(String name, Duration idleAfter) {
        SourceConfig config = find(name).config();
        return new RunningPipelines.Options(config.lanes(), config.canaryInterval(), idleAfter);
    }

    /** Makes a source; nothing is connected yet. */
    public ChangeSource create(String name, Context context) {
        Configured source = find(name);
        return source.factory().create(name, source.config(), source.url(), context);
    }

    /** The care of a source's database; nothing is connected yet. */
    public Upkeep upkeep(String name) {
        Configured source = find(name);
        return source.factory().upkeep(name, source.config(), source.url());
    }

    /** Changes in the tables of a source's database; nothing is connected yet. */
    public Simulation simulation(String name) {
        Configured source = find(name);
        return source.factory().simulation(name, source.config(), source.url());
    }

    private Configured find(String name) {
        return Objects.requireNonNull(sources.get(name), name);
    }

    private static String kind(DatabaseUrl url) {
        return url.kind().name().toLowerCase(Locale.ROOT);
    }
}
