package dev.walmonitor.handler.cache;

import dev.walmonitor.rule.Needs;
import dev.walmonitor.rule.Template;
import dev.walmonitor.sink.sql.Query;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a cache rule keeps.
 *
 * @param keys templates; none of a rule that evicts by tags alone
 * @param ttl null: kept for ever
 * @param fenceTtl how long a tombstone lives
 * @param tags templates
 * @param warm whether keys that are made of rows are filled before the rows change
 */
record CacheSpec(
        Form form,
        List<Template> keys,
        @Nullable Duration ttl,
        Duration fenceTtl,
        List<Template> tags,
        boolean warm) {

    /** What is under the keys. */
    sealed interface Form {

        /**
         * The answer of a query.
         *
         * @param sql with placeholders for columns of the key
         * @param single whether the answer is one object, or nothing, instead of an array
         */
        record Answer(Template.Sql sql, boolean single) implements Form {
            Query query() {
                return new Query(sql.fragments());
            }
        }

        /** The row that changed. */
        record TheRow() implements Form {}

        /** Nothing: what an application puts there is taken away. */
        record Nothing() implements Form {}
    }

    CacheSpec {
        keys = List.copyOf(keys);
        tags = List.copyOf(tags);
    }

    /** Whether each key is the same for every row. */
    boolean isConstant() {
        return keys.stream().allMatch(Template::isConstant);
    }

    /** The columns of keys and tags, which are made of the old and of the new row. */
    Needs needs() {
        Set<String> columns = columns();
        return new Needs(columns, columns);
    }

    /** The columns of keys and tags. */
    Set<String> columns() {
        Set<String> columns = new HashSet<>();
        keys.forEach(key -> key.placeholders().forEach(p -> columns.add(p.column())));
        tags.forEach(tag -> tag.placeholders().forEach(p -> columns.add(p.column())));
        return columns;
    }

    /** The ttl less a random tenth at most, so that not all values end at the same moment. */
    @Nullable Duration life(RandomGenerator random) {
        Duration full = ttl;
        return full == null ? null : full.minusMillis(random.nextLong(full.toMillis() / 10 + 1));
    }

    /** After which a value with a ttl is made again. */
    @Nullable Duration renewal() {
        Duration full = ttl;
        return full == null ? null : full.multipliedBy(4).dividedBy(5);
    }
}
