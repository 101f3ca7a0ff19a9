package dev.walmonitor.handler;

import dev.walmonitor.change.Operation;
import io.quarkus.arc.InjectableBean;
import io.quarkus.arc.InjectableInstance;
import io.quarkus.arc.InstanceHandle;
import io.quarkus.virtual.threads.VirtualThreads;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Any;
import jakarta.inject.Singleton;
import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;

/** The classes with {@link OnChange}. */
@Singleton
public class JavaHandlers {

    /**
     * One of them.
     *
     * @param name the class's, which is the rule's
     * @param handler makes the handler, ready to be called on any thread
     */
    record JavaHandler(
            String name,
            List<String> tables,
            Set<Operation> events,
            Supplier<ChangeHandler> handler) {}

    private final List<JavaHandler> all = new ArrayList<>();

    JavaHandlers(
            @Any InjectableInstance<ChangeHandler> beans,
            Vertx vertx,
            @VirtualThreads ExecutorService virtualThreads) {
        for (InstanceHandle<ChangeHandler> handle : beans.handles()) {
            InjectableBean<ChangeHandler> bean = handle.getBean();
            RunsOn.Kind kind =
                    qualifier(bean, RunsOn.class).map(RunsOn::value).orElse(RunsOn.Kind.EVENT_LOOP);
            qualifier(bean, OnChange.class)
                    .ifPresent(on ->
                            all.add(
                                    new JavaHandler(
                                            bean.getBeanClass().getSimpleName(),
                                            List.of(on.tables()),
                                            Set.of(on.events()),
                                            () ->
                                                    new OwnContext(
                                                            handle.get(),
                                                            kind,
                                                            vertx,
                                                            virtualThreads))));
        }
        all.sort(Comparator.comparing(JavaHandler::name));
    }

    List<JavaHandler> all() {
        return List.copyOf(all);
    }

    private static <A extends Annotation> Optional<A> qualifier(
            InjectableBean<?> bean, Class<A> type) {
        return bean.getQualifiers().stream().filter(type::isInstance).map(type::cast).findFirst();
    }
}
