package dev.walmonitor.handler;

import dev.walmonitor.change.Operation;
import jakarta.enterprise.util.Nonbinding;
import jakarta.inject.Qualifier;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes a {@link ChangeHandler} a rule of its own, named like the class. Nothing else is needed:
 * the class becomes a bean by it.
 */
@Qualifier
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface OnChange {

    /**
     * Tables or globs such as {@code public.tickets}, {@code shop.order_*}; the schema defaults to
     * {@code public}.
     */
    @Nonbinding
    String[] tables();

    /** The operations; all of them by default. */
    @Nonbinding
    Operation[] events() default {
        Operation.INSERT, Operation.UPDATE, Operation.DELETE, Operation.TRUNCATE
    };
}
