package dev.walmonitor.handler.cache;

import dev.walmonitor.change.Relation;
import dev.walmonitor.handler.json.RowJson;
import dev.walmonitor.handler.json.TypeShapes;
import dev.walmonitor.sink.redis.TestRedis;
import dev.walmonitor.sink.sql.TestPool;
import io.vertx.core.impl.VertxInternal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** What caches of a test work with. */
final class TestTools {

    /** When the changes of a test are made. */
    static final Instant NOW = Instant.parse("2026-01-01T00:00:05Z");

    private TestTools() {}

    /**
     * @param patience with Redis
     */
    static Tools of(
            TestPool pool,
            TestRedis redis,
            List<Relation> tables,
            RefreshMeter meter,
            Duration patience) {
        Loop loop =
                new Loop.Netty(
                        ((VertxInternal) pool.vertx()).createEventLoopContext().nettyEventLoop());
        return new Tools(
                redis.cache(patience),
                pool.queries(),
                pool.queries(),
                tables,
                Optional.empty(),
                new Visibility(pool.queries(), loop),
                new RowJson(new TypeShapes(pool.queries())),
                loop,
                RandomGenerator.getDefault(),
                InstantSource.fixed(NOW),
                meter,
                log -> {},
                () -> false);
    }
}
