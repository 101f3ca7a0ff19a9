package dev.walmonitor.monitor;

import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnectOptions;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The connections to our own tables, which only ever ask what is answered at once: one that is
 * silent for longer is given up, or a server that is cut off without a word would keep them all
 * until TCP notices, which may take hours.
 */
@Singleton
class MonitorPool implements PgPoolCreator {
    private final Duration silence;

    @Inject
    MonitorPool() {
        this(Duration.ofSeconds(15));
    }

    MonitorPool(Duration silence) {
        this.silence = silence;
    }

    @Override
    public Pool create(Input input) {
        List<PgConnectOptions> servers = input.pgConnectOptionsList();
        servers.forEach(this::prepare);
        return PgBuilder.pool()
                .using(input.vertx())
                .with(input.poolOptions())
                .connectingTo(List.<SqlConnectOptions>copyOf(servers))
                .build();
    }

    private void prepare(PgConnectOptions server) {
        server.setIdleTimeout((int) silence.toMillis())
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setConnectTimeout((int) silence.toMillis())
                .addProperty("application_name", "wal-monitor");
    }
}
