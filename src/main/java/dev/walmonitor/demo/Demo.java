package dev.walmonitor.demo;

import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.source.DatabaseUrl;
import io.quarkus.arc.profile.IfBuildProfile;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.pgclient.PgBuilder;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.PoolOptions;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Opens the help desk before the rules are checked, tells the reader how to look inside, and keeps
 * it busy.
 */
@Singleton
@IfBuildProfile("dev")
class Demo {
    private static final Logger LOG = Logger.getLogger(Demo.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final DemoConfig config;
    private final Optional<String> databaseUrl;
    private final Optional<String> redisUrl;
    private final Vertx vertx;
    private final Pipelines pipelines;
    private final AtomicBoolean busy = new AtomicBoolean();
    private @Nullable Pool pool;

    Demo(
            DemoConfig config,
            @ConfigProperty(name = "wal-monitor.sources.main.url") Optional<String> databaseUrl,
            @ConfigProperty(name = "quarkus.redis.hosts") Optional<String> redisUrl,
            Vertx vertx,
            Pipelines pipelines) {
        this.config = config;
        this.databaseUrl = databaseUrl;
        this.redisUrl = redisUrl;
        this.vertx = vertx;
        this.pipelines = pipelines;
    }

    /** On the main thread, which may wait: whoever starts after this finds the tables. */
    void open(@Observes @Priority(Interceptor.Priority.APPLICATION) StartupEvent event) {
        if (!config.enabled() || databaseUrl.isEmpty()) {
            return;
        }
        Pool connections = connect(DatabaseUrl.parse(databaseUrl.get()));
        pool = connections;
        HelpDesk desk = new HelpDesk(connections);
        if (desk.open().await().atMost(PATIENCE)) {
            LOG.info(
                    "Made a small help desk to watch: tickets, users, roles, companies, departments, priorities.");
        }
        var _ = pipelines.handled().subscribe().with(handled -> LOG.info(Story.of(handled)));
        if (config.traffic()) {
            var _ = vertx.setPeriodic(config.interval().toMillis(), timer -> act(desk));
        }
    }

    /** At the end of the start, where the reader's eye is. */
    void invite(@Observes @Priority(Interceptor.Priority.PLATFORM_AFTER) StartupEvent event) {
        if (pool == null) {
            return;
        }
        LOG.infof("Look inside:  psql %s", shown(databaseUrl.orElseThrow()));
        redisUrl.ifPresent(url -> LOG.infof("              redis-cli -u %s GET master:roles", url));
        LOG.info("Change a row: UPDATE roles SET name = 'Super Admin' WHERE id = 1;");
    }

    /** A password that is the user's own name is no secret; any other is not shown. */
    private static String shown(String text) {
        DatabaseUrl url = DatabaseUrl.parse(text);
        boolean isKnown = url.password() != null && url.password().value().equals(url.user());
        return isKnown ? text : url.toString();
    }

    /** One deed at a time: a slow database is not asked for more. */
    private void act(HelpDesk desk) {
        if (busy.compareAndSet(false, true)) {
            var _ =
                    desk.next()
                            .onTermination()
                            .invoke(() -> busy.set(false))
                            .subscribe()
                            .with(
                                    done -> {},
                                    failure ->
                                            LOG.debugf(
                                                    "The demo could not change a row: %s",
                                                    failure.getMessage()));
        }
    }

    /**
     * A connection of its own, so that the traffic never waits for the service nor the service for
     * it.
     */
    private Pool connect(DatabaseUrl url) {
        PgConnectOptions options =
                new PgConnectOptions()
                        .setHost(url.host())
                        .setPort(url.port())
                        .setDatabase(url.database())
                        .setUser(url.user())
                        .addProperty("application_name", "wal-monitor demo");
        if (url.password() != null) {
            options.setPassword(url.password().value());
        }
        return PgBuilder.pool()
                .with(new PoolOptions().setMaxSize(1).setName("demo"))
                .connectingTo(options)
                .using(vertx)
                .build();
    }

    void close(@Observes ShutdownEvent event) {
        if (pool != null) {
            pool.close().await().atMost(PATIENCE);
        }
    }
}
