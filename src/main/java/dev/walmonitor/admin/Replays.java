package dev.walmonitor.admin;

import dev.walmonitor.admin.ReplayView.EffectView;
import dev.walmonitor.admin.ReplayView.RuleView;
import dev.walmonitor.change.Delivery;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TableName;
import dev.walmonitor.handler.ChangeArchive;
import dev.walmonitor.handler.ChangeArchive.Archived;
import dev.walmonitor.handler.ChangeArchive.Wanted;
import dev.walmonitor.handler.RuleBook;
import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.rule.Rule;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Takes changes out of the archive and gives them to their rules once more. Thread-safe. */
@Singleton
class Replays {
    private static final Logger LOG = Logger.getLogger(Replays.class);

    private record Effect(RowChange change, Rule rule) {}

    /**
     * What a page is for a rule.
     *
     * @param changes its business
     * @param refused how many other changes there are of its tables
     */
    private record Share(Rule rule, List<RowChange> changes, int refused) {}

    private final ChangeArchive archive;
    private final RuleBook rules;
    private final Pipelines pipelines;

    Replays(ChangeArchive archive, RuleBook rules, Pipelines pipelines) {
        this.archive = archive;
        this.rules = rules;
        this.pipelines = pipelines;
    }

    /**
     * One page of changes.
     *
     * @param rule for which alone; null for all but those that archive
     * @param most how many changes
     * @param dry whether to tell only what would be done
     */
    Uni<ReplayView> page(Wanted wanted, @Nullable String rule, int most, boolean dry) {
        List<Rule> of = rulesOf(wanted.source(), rule);
        return archive.read(wanted, most)
                .invoke(found -> demandArchived(wanted, found))
                .chain(found -> {
                    List<RowChange> changes = found.stream().map(Archived::change).toList();
                    List<Share> shares = shares(of, changes);
                    return dry
                            ? effects(changes, shares)
                                    .map(effects -> view(wanted, changes, shares, most, effects))
                            : replay(shares)
                                    .replaceWith(() -> view(wanted, changes, shares, most, null));
                });
    }

    private List<Rule> rulesOf(String source, @Nullable String name) {
        List<Rule> all = rules.rules(source);
        if (name == null) {
            return all.stream().filter(rule -> !isArchive(rule)).toList();
        }
        Rule named =
                all.stream()
                        .filter(rule -> rule.name().equals(name))
                        .findFirst()
                        .orElseThrow(() -> Problems.noRule(name));
        if (isArchive(named)) {
            throw Problems.badParameter(
                    "rule",
                    "Expected a rule with another action than archive: what "
                            + name
                            + " has archived is what is replayed");
        }
        return List.of(named);
    }

    private static boolean isArchive(Rule rule) {
        return rule.action().equals(RuleBook.ARCHIVE);
    }

    private void demandArchived(Wanted wanted, List<Archived> found) {
        TableName table = wanted.table();
        if (found.isEmpty() && !rules.archives(wanted.source(), table)) {
            throw Problems.notArchived(
                    wanted.source(), table == null ? "public.*" : table.toString());
        }
    }

    private List<Share> shares(List<Rule> of, List<RowChange> changes) {
        Map<TableName, List<RowChange>> tables =
                changes.stream()
                        .collect(
                                Collectors.groupingBy(
                                        RowChange::table, LinkedHashMap::new, Collectors.toList()));
        return of.stream()
                .filter(rule -> tables.keySet().stream().anyMatch(rule.filter()::matches))
                .map(rule -> share(rule, changes))
                .toList();
    }

    private Share share(Rule rule, List<RowChange> changes) {
        List<RowChange> about =
                changes.stream().filter(change -> rule.filter().matches(change.table())).toList();
        List<RowChange> business =
                about.stream().filter(change -> rules.refusals(rule, change).isEmpty()).toList();
        return new Share(rule, business, about.size() - business.size());
    }

    private Uni<Void> replay(List<Share> shares) {
        return Multi.createFrom()
                .iterable(shares)
                .filter(share -> !share.changes().isEmpty())
                .onItem()
                .transformToUniAndConcatenate(
                        share -> replay(share.rule().source(), share.rule(), share.changes()))
                .collect()
                .last()
                .replaceWithVoid();
    }

    private Uni<Void> replay(String source, Rule rule, List<RowChange> changes) {
        return pipelines
                .replay(source, rule.name(), changes)
                .invoke(() ->
                        LOG.infof(
                                "Source %s: rule %s replays %d changes, %s to %s.",
                                source,
                                rule.name(),
                                changes.size(),
                                changes.getFirst().id(),
                                changes.getLast().id()));
    }

    private Uni<List<EffectView>> effects(List<RowChange> changes, List<Share> shares) {
        IdentityHashMap<RowChange, List<Rule>> business = new IdentityHashMap<>();
        for (Share share : shares) {
            for (RowChange change : share.changes()) {
                business.computeIfAbsent(change, c -> new ArrayList<>()).add(share.rule());
            }
        }
        List<Effect> all = new ArrayList<>();
        for (RowChange change : changes) {
            for (Rule rule : business.getOrDefault(change, List.of())) {
                all.add(new Effect(change, rule));
            }
        }
        return Multi.createFrom()
                .iterable(all)
                .onItem()
                .transformToUniAndConcatenate(this::effect)
                .collect()
                .asList();
    }

    private Uni<EffectView> effect(Effect effect) {
        RowChange change = effect.change().in(effect.change().transaction().as(Delivery.REPLAY));
        return rules.preview(effect.rule(), change)
                .onFailure()
                .recoverWithItem(failure -> List.of("cannot be shown: " + failure.getMessage()))
                .map(sentences ->
                        new EffectView(
                                HistoryQuery.place(change),
                                change.operation(),
                                change.table().toString(),
                                effect.rule().name(),
                                sentences));
    }

    private static ReplayView view(
            Wanted wanted,
            List<RowChange> changes,
            List<Share> shares,
            int most,
            @Nullable List<EffectView> effects) {
        List<RuleView> told =
                shares.stream()
                        .map(share ->
                                new RuleView(
                                        share.rule().name(),
                                        share.rule().action(),
                                        share.changes().size(),
                                        share.refused()))
                        .toList();
        RowChange last = changes.isEmpty() ? null : changes.getLast();
        return new ReplayView(
                wanted.source(),
                effects != null,
                changes.size(),
                told,
                effects,
                last == null ? null : last.transaction().time(),
                last == null || changes.size() < most ? null : HistoryQuery.place(last));
    }
}
