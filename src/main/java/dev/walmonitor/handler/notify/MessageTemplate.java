package dev.walmonitor.handler.notify;

import dev.walmonitor.rule.Needs;
import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.SinkException;
import io.quarkus.qute.Engine;
import io.quarkus.qute.Expression;
import io.quarkus.qute.Template;
import io.quarkus.qute.TemplateException;
import io.smallrye.mutiny.Uni;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The Qute templates of a rule's messages. */
final class MessageTemplate {
    private static final Pattern BREAKS = Pattern.compile("\\s*[\\r\\n]\\s*");

    /** Sections that give names to what they hold: a bare name need not be a column then. */
    private static final Pattern NAMING =
            Pattern.compile("\\{#(?!if\\b|else\\b|switch\\b|when\\b|is\\b|case\\b)");

    /** What a map answers to besides its keys. */
    private static final Set<String> OF_A_MAP =
            Set.of("size", "keys", "values", "entrySet", "isEmpty", "keySet", "get", "containsKey");

    private final Template title;
    private final Template body;
    private final Needs needs;

    /**
     * @param rule for messages
     * @throws TemplateException if a template is malformed; the message says in which line
     */
    MessageTemplate(Engine engine, String rule, String title, String body) {
        this.title = engine.parse(title, null, "notify.title of rule " + rule);
        this.body = engine.parse(body, null, "notify.body of rule " + rule);
        this.needs = needs(this.title, title).and(needs(this.body, body));
    }

    /** The columns that are surely read. */
    Needs needs() {
        return needs;
    }

    /**
     * The message for one recipient.
     *
     * @param data of the change, see {@link RowMap}
     */
    Uni<Message> message(Map<String, @Nullable Object> data, Recipient to) {
        Map<String, @Nullable Object> all = new HashMap<>(data);
        all.put("recipient", RowMap.of(to));
        return render(title, all)
                .chain(head ->
                        render(body, all)
                                .map(text ->
                                        new Message(
                                                to,
                                                BREAKS.matcher(head.strip()).replaceAll(" "),
                                                text.strip())));
    }

    private static Uni<String> render(Template template, Map<String, @Nullable Object> data) {
        return Uni.createFrom()
                .deferred(() -> template.data(data).createUni())
                .onFailure()
                .transform(MessageTemplate::unwritable);
    }

    /** What Qute itself says names keys and lines; what a method threw may show a value. */
    private static SinkException unwritable(Throwable failure) {
        boolean speaking = failure instanceof TemplateException && failure.getCause() == null;
        return new SinkException(
                "A message cannot be written: "
                        + (speaking ? failure.getMessage() : failure.getClass().getSimpleName()),
                false);
    }

    private static Needs needs(Template template, String text) {
        boolean names = NAMING.matcher(text).find();
        Set<String> there = new HashSet<>();
        Set<String> before = new HashSet<>();
        for (Expression expression : template.getExpressions()) {
            if (expression.isLiteral() || expression.hasNamespace()) {
                continue;
            }
            List<Expression.Part> parts = expression.getParts();
            String first = parts.getFirst().getName();
            Set<String> side = "before".equals(first) ? before : there;
            if (Set.of("before", "after", "row").contains(first)) {
                if (parts.size() > 1 && isColumn(parts, 1)) {
                    side.add(parts.get(1).getName());
                }
            } else if (!names && !RowMap.RESERVED.contains(first) && isColumn(parts, 0)) {
                there.add(first);
            }
        }
        return new Needs(there, before);
    }

    /** Something that may be missing, as {@code {a ?: 'b'}} says, is not needed. */
    private static boolean isColumn(List<Expression.Part> parts, int index) {
        Expression.Part part = parts.get(index);
        boolean optional =
                index + 1 < parts.size()
                        && Set.of("?:", "or", "orEmpty").contains(parts.get(index + 1).getName());
        return !part.isVirtualMethod()
                && !optional
                && !(index == 1 && OF_A_MAP.contains(part.getName()));
    }
}
