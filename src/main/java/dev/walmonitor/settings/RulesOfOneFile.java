package dev.walmonitor.settings;

import io.smallrye.config.ConfigSourceInterceptor;
import io.smallrye.config.ConfigSourceInterceptorContext;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.Priorities;
import jakarta.annotation.Priority;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hides the rules of every other place while a command looks at one file of rules, such as those of
 * a {@code config/application.yaml} beside it.
 */
@Priority(Priorities.LIBRARY + 1000)
public final class RulesOfOneFile implements ConfigSourceInterceptor {
    private static final long serialVersionUID = 1L;
    private static final String FILE = "wal-monitor.command.rules";
    private static final String RULES = "wal-monitor.rules.";

    @Override
    public @Nullable ConfigValue getValue(ConfigSourceInterceptorContext context, String name) {
        @Nullable ConfigValue found = context.proceed(name);
        return found == null || isShown(context, name, found) ? found : null;
    }

    @Override
    public Iterator<String> iterateNames(ConfigSourceInterceptorContext context) {
        Iterator<String> all = context.iterateNames();
        @Nullable ConfigValue file = context.proceed(FILE);
        if (file == null) {
            return all;
        }
        List<String> shown = new ArrayList<>();
        while (all.hasNext()) {
            String name = all.next();
            if (!name.startsWith(RULES) || getValue(context, name) != null) {
                shown.add(name);
            }
        }
        return shown.iterator();
    }

    private static boolean isShown(
            ConfigSourceInterceptorContext context, String name, ConfigValue found) {
        if (!name.startsWith(RULES)) {
            return true;
        }
        @Nullable ConfigValue file = context.proceed(FILE);
        return file == null
                || String.valueOf(found.getConfigSourceName())
                        .contains(String.valueOf(file.getValue()));
    }
}
