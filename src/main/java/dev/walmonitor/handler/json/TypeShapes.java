package dev.walmonitor.handler.json;

import dev.walmonitor.handler.json.Shape.ArrayOf;
import dev.walmonitor.handler.json.Shape.Opaque;
import dev.walmonitor.handler.json.Shape.Scalar;
import dev.walmonitor.sink.sql.Queries;
import dev.walmonitor.sink.sql.Query;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What the values of each type of one database look like as JSON. Thread-safe.
 *
 * <p>Types that every database has are known by their OIDs. About any other the database is asked
 * once, and nothing that can be altered is kept: a domain's base type, an array's elements and an
 * enum's being an enum never change, for another type has another OID. Composites can be altered
 * (an attribute renamed, say) without any sign in the log, so they are never rendered, nor is a
 * type that has a cast to json of its own. Only such a cast that is <em>made</em> for a type which
 * was asked about before stays unseen until the next start.
 */
public final class TypeShapes {
    private static final Logger LOG = Logger.getLogger(TypeShapes.class);

    private static final Query ENCODING =
            Query.of("select pg_catalog.getdatabaseencoding() as encoding");

    /** As {@code json_categorize_type} of the server looks at a type: through its domains. */
    private static final Query TYPE =
            new Query(
                    List.of(
                            """
                            with recursive base as (
                              select oid, typtype, typbasetype from pg_catalog.pg_type where oid =
                            """,
                            """

                              union all
                              select t.oid, t.typtype, t.typbasetype
                              from base b join pg_catalog.pg_type t on t.oid = b.typbasetype
                              where b.typtype = 'd'
                            )
                            select t.oid::int8 as base,
                                   t.typtype as kind,
                                   e.oid::int8 as element,
                                   e.typdelim as delimiter,
                                   exists (select from pg_catalog.pg_cast c
                                           where c.castsource = t.oid and c.castmethod = 'f'
                                             and c.casttarget = 'pg_catalog.json'::pg_catalog.regtype) as cast
                            from base b
                            join pg_catalog.pg_type t on t.oid = b.oid
                            left join pg_catalog.pg_type e on e.oid = t.typelem
                              and t.typsubscript = 'pg_catalog.array_subscript_handler'::pg_catalog.regproc
                            where t.typtype <> 'd'
                            """));

    /** What the database said of a type. */
    private sealed interface Answer {
        /** It is written as a type that every database has. */
        record SameAs(int type) implements Answer {}

        record Array(int element, char delimiter) implements Answer {}

        record Known(Shape shape) implements Answer {}
    }

    private final Supplier<Queries> queries;
    private final Map<Integer, Answer> answers = new ConcurrentHashMap<>();

    /** The questions that are open, by what they are about. */
    private final Map<Object, Uni<List<JsonObject>>> asked = new ConcurrentHashMap<>();

    private final AtomicBoolean failing = new AtomicBoolean();
    private volatile @Nullable String encoding;

    public TypeShapes(Queries queries) {
        this(() -> queries);
    }

    /**
     * @param queries asked for when there is a question; may throw if there is no database
     */
    TypeShapes(Supplier<Queries> queries) {
        this.queries = queries;
    }

    /** The shape of a type; null as long as it is not known: then the database is being asked. */
    @Nullable Shape of(int type) {
        Integer element = BuiltInTypes.element(type);
        if (element != null) {
            return array(element, element == BuiltInTypes.BOX ? ';' : ',');
        }
        if (type == BuiltInTypes.JSON) {
            return json();
        }
        Shape known = BuiltInTypes.shape(type);
        return known != null ? known : asked(type);
    }

    /** Whether the database sorts keys by UTF-8; null as long as it is not known. */
    @Nullable Boolean sortsByUtf8() {
        String known = encoding;
        if (known == null) {
            ask(
                    ENCODING,
                    ENCODING,
                    List.of(),
                    rows -> {
                        encoding = rows.getFirst().getString("encoding");
                    });
            return null;
        }
        return known.equals("UTF8");
    }

    /** Its keys are sorted by their bytes in the database's encoding. */
    private @Nullable Shape json() {
        Boolean utf8 = sortsByUtf8();
        return utf8 == null ? null : utf8 ? Scalar.JSON : Opaque.OPAQUE;
    }

    private @Nullable Shape array(int element, char delimiter) {
        Shape of = of(element);
        return of == null ? null : new ArrayOf(of, delimiter);
    }

    private @Nullable Shape asked(int type) {
        Answer answer = answers.get(type);
        if (answer == null) {
            ask(
                    type,
                    TYPE,
                    List.of(Integer.toUnsignedString(type)),
                    rows -> {
                        answers.put(type, answer(rows));
                    });
            return null;
        }
        return switch (answer) {
            case Answer.SameAs same -> of(same.type());
            case Answer.Array array -> array(array.element(), array.delimiter());
            case Answer.Known known -> known.shape();
        };
    }

    private static Answer answer(List<JsonObject> rows) {
        if (rows.isEmpty()) {
            return new Answer.Known(Opaque.OPAQUE);
        }
        JsonObject row = rows.getFirst();
        int base = row.getLong("base").intValue();
        if (BuiltInTypes.shape(base) != null) {
            return new Answer.SameAs(base);
        }
        Long element = row.getLong("element");
        if (element != null) {
            String delimiter = Objects.requireNonNull(row.getString("delimiter"));
            return new Answer.Array(element.intValue(), delimiter.charAt(0));
        }
        boolean plain =
                switch (row.getString("kind")) {
                    case "b", "e", "r", "m" ->
                            Integer.compareUnsigned(base, BuiltInTypes.FIRST_NORMAL) >= 0
                                    && !row.getBoolean("cast");
                    default -> false;
                };
        return new Answer.Known(plain ? Scalar.TEXT : Opaque.OPAQUE);
    }

    private interface Learner {
        void learn(List<JsonObject> rows);
    }

    /**
     * One question at a time about one thing; a question that failed is asked again when needed.
     */
    private void ask(Object about, Query query, List<@Nullable String> values, Learner learner) {
        if (asked.containsKey(about)) {
            return;
        }
        Uni<List<JsonObject>> question =
                queries.get()
                        .rows(query, values)
                        .invoke(learner::learn)
                        .onTermination()
                        .invoke(() -> asked.remove(about))
                        .memoize()
                        .indefinitely();
        if (asked.putIfAbsent(about, question) == null) {
            var _ = question.subscribe().with(rows -> failing.set(false), this::failed);
        }
    }

    /** Completes when all that is being asked now is answered; fails if a question could not be. */
    Uni<Void> answers() {
        List<Uni<List<JsonObject>>> open = List.copyOf(asked.values());
        return open.isEmpty()
                ? Uni.createFrom().voidItem()
                : Uni.join().all(open).andFailFast().replaceWithVoid();
    }

    private void failed(Throwable failure) {
        if (failing.compareAndSet(false, true)) {
            LOG.warnf(
                    "What a column's type is could not be asked, so its rows are read instead: %s",
                    failure.getMessage());
        }
    }
}
