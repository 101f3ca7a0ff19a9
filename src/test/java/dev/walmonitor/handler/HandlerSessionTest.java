package dev.walmonitor.handler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.SampleTable;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.hibernate.reactive.mutiny.Mutiny;
import org.junit.jupiter.api.Test;

/** A handler that asks the database through Panache, as users write it. */
@QuarkusTest
class HandlerSessionTest {
    private static final RowChange CHANGE =
            SampleTable.of("public.t", ReplicaIdentity.FULL, "id*").truncate(1);
    private static final List<Mutiny.Session> SESSIONS = new CopyOnWriteArrayList<>();

    @OnChange(tables = "nowhere_s.*")
    static class Asking implements ChangeHandler {
        @Override
        public Uni<HandlerResult> handle(RowChange change) {
            return Panache.withTransaction(() ->
                    Panache.getSession()
                            .invoke(SESSIONS::add)
                            .chain(session ->
                                    session.createNativeQuery(
                                                    "select 42 from pg_sleep(0.2)", Integer.class)
                                            .getSingleResult())
                            .map(answer -> HandlerResult.of("asked").with("answer", answer)));
        }
    }

    @Inject RuleBook book;

    @Test
    void callsAtTheSameTimeHaveADatabaseSessionEach() {
        SESSIONS.clear();
        Rule rule =
                book.rules().stream()
                        .filter(r -> r.name().equals("Asking"))
                        .findFirst()
                        .orElseThrow();
        ChangeHandler handler = book.handler(rule);

        List<HandlerResult> results =
                Uni.join()
                        .all(handler.handle(CHANGE), handler.handle(CHANGE), handler.handle(CHANGE))
                        .andFailFast()
                        .await()
                        .atMost(Duration.ofSeconds(20));

        assertThat(results).hasSize(3).allMatch(r -> r.toString().equals("asked answer=42"));
        assertThat(SESSIONS).hasSize(3).doesNotHaveDuplicates();
    }
}
