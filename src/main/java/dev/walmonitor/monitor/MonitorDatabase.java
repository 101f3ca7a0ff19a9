package dev.walmonitor.monitor;

import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The way to our own tables. */
@Singleton
public class MonitorDatabase {
    /** How long anybody waits for an answer. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Context loop;
    private final DatabaseAddress address;

    @Inject
    MonitorDatabase(
            Vertx vertx,
            @ConfigProperty(name = "quarkus.datasource.reactive.url") Optional<String> url,
            @ConfigProperty(name = "quarkus.datasource.username") Optional<String> user) {
        this.loop = vertx.getOrCreateContext();
        this.address = DatabaseAddress.of(url.orElse(""), user.orElse(""));
    }

    public DatabaseAddress address() {
        return address;
    }

    /**
     * Asks the database something, on a context and in a session of its own, from whatever thread
     * it is subscribed to. Who has waited long enough gets a failure, while the question itself is
     * left to run to its end: a session that is abandoned half-way would keep its connection for
     * ever.
     *
     * @return fails with {@link MonitorDatabaseException} if the database does not answer or
     *     refuses
     */
    public <T> Uni<T> ask(Supplier<Uni<? extends T>> question) {
        Uni<T> apart =
                Uni.createFrom()
                        .emitter(emitter ->
                                onContextOfItsOwn(() ->
                                        Uni.createFrom()
                                                .deferred(question)
                                                .subscribe()
                                                .with(emitter::complete, emitter::fail)));
        return apart.ifNoItem()
                .after(PATIENCE)
                .fail()
                .onFailure(DatabaseFault::isOne)
                .transform(failure ->
                        new MonitorDatabaseException(DatabaseFault.of(failure, address)));
    }

    private void onContextOfItsOwn(Runnable task) {
        Context own = Objects.requireNonNull(VertxContext.createNewDuplicatedContext(loop));
        VertxContextSafetyToggle.setContextSafe(own, true);
        own.runOnContext(v -> task.run());
    }
}
