package dev.walmonitor.handler.notify;

import dev.walmonitor.rule.Needs;
import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.Wording;
import io.quarkus.qute.Engine;
import io.quarkus.qute.Expression;
import io.quarkus.qute.Template;
import io.quarkus.qute.TemplateException;
import io.smallrye.mutiny.Uni;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The Qute templates of a rule's messages. */
final class MessageTemplate {
    /** Sections that give names to what they hold: a bare name need not be a column then. */
    private static final Pattern NAMING =
            Pattern.compile("\\{#(?!if\\b|else\\b|switch\\b|when\\b|is\\b|case\\b)");

    /** What a map answers to besides its keys. */
    private static final Set<String> OF_A_MAP =
            Set.of("size", "keys", "values", "entrySet", "isEmpty", "keySet", "get", "containsKey");

    /**
     * A rule's templates as they are written.
     *
     * @param link null if there is none
     * @param same what is the same message, or null: the title
     */
    record Texts(String title, String body, @Nullable String link, @Nullable String same) {}

    /**
     * A message, and what tells it from others to the same recipient.
     *
     * @param same the same for what is the same
     */
    record Draft(Message message, String same) {
        Recipient to() {
            return message.to();
        }
    }

    private final Template title;
    private final Template body;
    private final @Nullable Template link;
    private final @Nullable Template same;
    private final Needs needs;
    private final Set<String> enriched = new TreeSet<>();

    /**
     * @param rule for messages
     * @throws TemplateException if a template is malformed; the message says in which line
     */
    MessageTemplate(Engine engine, String rule, Texts texts) {
        this.title = engine.parse(texts.title(), null, "notify.title of rule " + rule);
        this.body = engine.parse(texts.body(), null, "notify.body of rule " + rule);
        this.link = parse(engine, texts.link(), "notify.link of rule " + rule);
        this.same = parse(engine, texts.same(), "notify.dedupe-key of rule " + rule);
        Needs all = needs(title, texts.title()).and(needs(body, texts.body()));
        all = link == null ? all : all.and(needs(link, String.valueOf(texts.link())));
        this.needs = same == null ? all : all.and(needs(same, String.valueOf(texts.same())));
        for (Template template : new @Nullable Template[] {title, body, link, same}) {
            if (template != null) {
                enriched(template);
            }
        }
    }

    private static @Nullable Template parse(Engine engine, @Nullable String text, String name) {
        return text == null ? null : engine.parse(text, null, name);
    }

    /** The columns that are surely read. */
    Needs needs() {
        return needs;
    }

    /** The columns of the row that a message is enriched by which are surely read. */
    Set<String> enriched() {
        return enriched;
    }

    /** The message for one recipient. */
    Uni<Draft> message(Facts facts, Recipient to) {
        Map<String, @Nullable Object> all = facts.with("recipient", RowMap.of(to)).values();
        return render(title, all)
                .map(Wording::oneLine)
                .chain(head ->
                        render(body, all)
                                .chain(text ->
                                        optional(link, all).map(at -> message(to, head, text, at))))
                .chain(message ->
                        optional(same, all)
                                .map(key ->
                                        new Draft(message, key == null ? message.title() : key)));
    }

    private static Message message(Recipient to, String head, String text, @Nullable String link) {
        return new Message(to, head, text.strip(), link == null ? null : link.strip());
    }

    private static Uni<@Nullable String> optional(
            @Nullable Template template, Map<String, @Nullable Object> data) {
        return template == null
                ? Uni.createFrom().nullItem()
                : render(template, data).map(text -> text);
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

    private void enriched(Template template) {
        for (Expression expression : template.getExpressions()) {
            List<Expression.Part> parts = expression.getParts();
            if (!expression.isLiteral()
                    && !expression.hasNamespace()
                    && parts.size() > 1
                    && parts.getFirst().getName().equals(Enrichment.NAME)
                    && isColumn(parts, 1)) {
                enriched.add(parts.get(1).getName());
            }
        }
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
