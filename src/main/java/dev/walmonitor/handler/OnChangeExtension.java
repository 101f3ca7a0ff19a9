package dev.walmonitor.handler;

import io.smallrye.common.annotation.Blocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.NormalScope;
import jakarta.enterprise.inject.build.compatible.spi.AnnotationBuilder;
import jakarta.enterprise.inject.build.compatible.spi.BuildCompatibleExtension;
import jakarta.enterprise.inject.build.compatible.spi.ClassConfig;
import jakarta.enterprise.inject.build.compatible.spi.Enhancement;
import jakarta.enterprise.lang.model.declarations.ClassInfo;
import jakarta.inject.Scope;
import jakarta.inject.Singleton;
import java.lang.annotation.Annotation;

/**
 * Makes every class with {@link OnChange} a bean, and notes on which threads it wants to be called.
 * It runs while the application is built, so that nothing has to be looked up by reflection later.
 */
public final class OnChangeExtension implements BuildCompatibleExtension {

    /** Found and called by the container. */
    @Enhancement(types = ChangeHandler.class, withSubtypes = true, withAnnotations = OnChange.class)
    public void enhance(ClassConfig handler) {
        ClassInfo type = handler.info();
        if (!type.hasAnnotation(OnChange.class)) {
            return;
        }
        if (!hasScope(type)) {
            handler.addAnnotation(Singleton.class);
        }
        handler.addAnnotation(
                AnnotationBuilder.of(RunsOn.class).member("value", kind(type)).build());
    }

    private static boolean hasScope(ClassInfo type) {
        return type.annotations().stream()
                .anyMatch(a ->
                        a.declaration().hasAnnotation(Scope.class)
                                || a.declaration().hasAnnotation(NormalScope.class));
    }

    private static RunsOn.Kind kind(ClassInfo type) {
        if (says(type, RunOnVirtualThread.class)) {
            return RunsOn.Kind.VIRTUAL;
        }
        return says(type, Blocking.class) ? RunsOn.Kind.WORKER : RunsOn.Kind.EVENT_LOOP;
    }

    private static boolean says(ClassInfo type, Class<? extends Annotation> annotation) {
        return type.hasAnnotation(annotation)
                || type.methods().stream()
                        .anyMatch(m -> m.name().equals("handle") && m.hasAnnotation(annotation));
    }
}
