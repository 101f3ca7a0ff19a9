package dev.walmonitor.handler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.SampleTable;
import dev.walmonitor.rule.TablePattern;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Handlers as users write them: a class, the annotation, and nothing else. */
@QuarkusTest
class OnChangeTest {
    private static final String NOWHERE = "nowhere_*.*";
    private static final RowChange CHANGE =
            SampleTable.of("public.t", ReplicaIdentity.FULL, "id*").truncate(1);
    private static final Set<Context> CONTEXTS = ConcurrentHashMap.newKeySet();

    @OnChange(tables = NOWHERE, events = Operation.UPDATE)
    static class Plain implements ChangeHandler {
        private final AtomicInteger calls = new AtomicInteger();

        @Override
        public Uni<HandlerResult> handle(RowChange change) {
            return told("plain").map(result -> result.with("calls", calls.incrementAndGet()));
        }

        @Override
        public Uni<HandlerResult> warm() {
            return told("warm");
        }

        @Override
        public boolean ordered() {
            return false;
        }
    }

    @RunOnVirtualThread
    @OnChange(tables = {"nowhere_a.*", "nowhere_b.x*"})
    static class Virtual implements ChangeHandler {
        @Override
        public Uni<HandlerResult> handle(RowChange change) {
            return told(
                    Uni.createFrom()
                            .item("waited for")
                            .onItem()
                            .delayIt()
                            .by(Duration.ofMillis(5))
                            .await()
                            .atMost(Duration.ofSeconds(5)));
        }
    }

    @OnChange(tables = NOWHERE)
    static class VirtualMethod implements ChangeHandler {
        @Override
        @RunOnVirtualThread
        public Uni<HandlerResult> handle(RowChange change) {
            return told("by method");
        }
    }

    @Blocking
    @ApplicationScoped
    @OnChange(tables = NOWHERE)
    static class Worker implements ChangeHandler {
        @Override
        public Uni<HandlerResult> handle(RowChange change) {
            return told("worker");
        }
    }

    @OnChange(tables = NOWHERE)
    static class Throwing implements ChangeHandler {
        @Override
        public Uni<HandlerResult> handle(RowChange change) {
            throw new UnsupportedOperationException("not today");
        }
    }

    /** Not a handler of anything. */
    static class WithoutAnnotation implements ChangeHandler {
        @Override
        public Uni<HandlerResult> handle(RowChange change) {
            return told("never");
        }
    }

    @Inject RuleBook book;

    @Test
    void theAnnotationAloneMakesARule() {
        Rule plain = rule("Plain");

        assertThat(plain.action()).isEqualTo("java");
        assertThat(plain.source()).isEqualTo("main");
        assertThat(plain.filter().events()).containsExactly(Operation.UPDATE);
        assertThat(rule("Virtual").filter().tables())
                .extracting(TablePattern::toString)
                .containsExactly("nowhere_a.*", "nowhere_b.x*");
        assertThat(rule("Virtual").filter().events()).hasSize(4);
        assertThat(book.rules()).noneMatch(rule -> rule.name().equals("WithoutAnnotation"));
    }

    @Test
    void aHandlerIsCalledOnAnEventLoop() {
        assertThat(handle("Plain").fields()).containsEntry("thread", "event loop");
    }

    @Test
    void itIsOneInstanceForAllCalls() {
        int before = Integer.parseInt(handle("Plain").fields().getOrDefault("calls", "0"));

        assertThat(handle("Plain").fields()).containsEntry("calls", String.valueOf(before + 1));
    }

    @Test
    void oneThatBlocksSaysOnWhichKindOfThread() {
        assertThat(handle("Virtual").toString()).isEqualTo("waited for thread=virtual");
        assertThat(handle("VirtualMethod").toString()).isEqualTo("by method thread=virtual");
        assertThat(handle("Worker").toString()).isEqualTo("worker thread=worker");
    }

    @Test
    void everyCallHasAContextOfItsOwn() {
        CONTEXTS.clear();
        for (String name : new String[] {"Plain", "Virtual", "VirtualMethod", "Worker"}) {
            assertThat(handle(name).isEmpty()).isFalse();
            assertThat(handle(name).isEmpty()).isFalse();
        }

        assertThat(CONTEXTS).hasSize(8);
    }

    @Test
    void whatAHandlerThrowsIsAFailure() {
        assertThatThrownBy(() -> handle("Throwing"))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("not today");
    }

    @Test
    void theRestOfTheContractIsTheHandlersOwn() {
        ChangeHandler plain = book.handler(rule("Plain"));

        assertThat(plain.ordered()).isFalse();
        assertThat(book.handler(rule("Worker")).ordered()).isTrue();
        assertThat(plain.warm().await().atMost(Duration.ofSeconds(5)).toString())
                .isEqualTo("warm thread=event loop");
        assertThat(book.handler(rule("Worker")).warm().await().atMost(Duration.ofSeconds(5)))
                .isEqualTo(HandlerResult.NONE);
    }

    private HandlerResult handle(String rule) {
        return book.handler(rule(rule)).handle(CHANGE).await().atMost(Duration.ofSeconds(10));
    }

    private Rule rule(String name) {
        return book.rules().stream()
                .filter(rule -> rule.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** What was done, and on which thread; notes the context. */
    private static Uni<HandlerResult> told(String what) {
        Context context = Vertx.currentContext();
        if (context == null || !VertxContext.isDuplicatedContext(context)) {
            throw new IllegalStateException("Expected a duplicated context, got " + context);
        }
        VertxContextSafetyToggle.validateContextIfExists("not safe", "not safe");
        CONTEXTS.add(context);
        return Uni.createFrom().item(HandlerResult.of(what).with("thread", thread()));
    }

    private static String thread() {
        if (Thread.currentThread().isVirtual()) {
            return "virtual";
        }
        return Context.isOnEventLoopThread() ? "event loop" : "worker";
    }

    /** A default of the interface that it does not pass on would silently be taken instead. */
    @Test
    void theContextOfACallPassesOnEverything() throws NoSuchMethodException {
        for (Method method : ChangeHandler.class.getMethods()) {
            assertThat(OwnContext.class.getMethod(method.getName(), method.getParameterTypes()))
                    .as(method.getName())
                    .extracting(Method::getDeclaringClass)
                    .isEqualTo(OwnContext.class);
        }
    }
}
