package dev.walmonitor.deploy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the fields of a manifest that its type does not know: a misspelt one would be ignored by
 * nobody but us.
 */
final class UnknownFields {
    private final List<String> found = new ArrayList<>();

    private UnknownFields() {}

    /** The paths of the fields that are not known. */
    static List<String> of(Object manifest) {
        UnknownFields fields = new UnknownFields();
        fields.visit("", manifest);
        return fields.found;
    }

    private void visit(String path, @Nullable Object value) {
        switch (value) {
            case null -> {}
            case Collection<?> items -> items.forEach(item -> visit(path + "[]", item));
            case Map<?, ?> map -> map.forEach((key, item) -> visit(path + "." + key, item));
            case Object bean when bean.getClass().getName().startsWith("io.fabric8.") ->
                    visitBean(path, bean);
            default -> {}
        }
    }

    private void visitBean(String path, Object bean) {
        for (Method method : bean.getClass().getMethods()) {
            if (method.getName().equals("getAdditionalProperties")) {
                ((Map<?, ?>) call(bean, method))
                        .keySet()
                        .forEach(key -> found.add(path + "." + key));
            } else if (method.getName().startsWith("get") && method.getParameterCount() == 0) {
                visit(path + "." + method.getName().substring(3), call(bean, method));
            }
        }
    }

    @SuppressWarnings("NullAway") // a getter may well give null
    private static Object call(Object bean, Method getter) {
        try {
            return getter.invoke(bean);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("Expected to read " + getter, e);
        }
    }
}
