package dev.walmonitor.monitor.budget;

import dev.walmonitor.rule.Nearest;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourcesConfig.Budget;
import dev.walmonitor.source.SourcesConfig.SourceConfig;
import io.quarkus.runtime.configuration.MemorySize;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done about a slot that keeps too much, as it is configured.
 *
 * @param size what the slot may keep, in bytes; null for what the server allows it
 * @param steps the stages that there are, in their order, {@link BudgetStage#WARN} first
 * @param release how many percent below its threshold a stage is over
 * @param invalidateOnly the rules that only take keys away from {@link BudgetStage#INVALIDATE} on
 */
record BudgetPlan(@Nullable Long size, List<Step> steps, int release, List<String> invalidateOnly) {

    /**
     * A stage.
     *
     * @param percent from which part of the budget on
     */
    record Step(BudgetStage stage, int percent) {}

    /**
     * As a source's budget says.
     *
     * @param warnAt if it does not say when to tell
     * @param spills whether rules are parked when somebody is told, if it does not say when to
     */
    static BudgetPlan of(Budget config, int warnAt, boolean spills) {
        List<Step> steps = new ArrayList<>();
        int warn = config.warnAt().orElse(warnAt);
        steps.add(new Step(BudgetStage.WARN, warn));
        OptionalInt spill = config.spillAt();
        if (spill.isPresent() || spills) {
            steps.add(new Step(BudgetStage.SPILL, spill.orElse(warn)));
        }
        List<String> rules =
                config.invalidateOnly().orElse(List.of()).stream().map(String::strip).toList();
        if (!rules.isEmpty()) {
            steps.add(new Step(BudgetStage.INVALIDATE, config.invalidateAt()));
        }
        config.giveUpAt().ifPresent(percent -> steps.add(new Step(BudgetStage.GIVE_UP, percent)));
        return new BudgetPlan(
                config.size().map(MemorySize::asLongValue).orElse(null),
                List.copyOf(steps),
                config.release(),
                rules);
    }

    /** What the slot may keep, in bytes; null if nobody says. */
    @Nullable Long limit(LogGauges gauges) {
        Long safe = gauges.safeBytes();
        if (size != null) {
            return size;
        }
        return safe == null ? null : gauges.retainedBytes() + Math.max(0, safe);
    }

    Set<BudgetStage> stages() {
        return steps.stream().map(Step::stage).collect(Collectors.toUnmodifiableSet());
    }

    int warnAt() {
        return steps.getFirst().percent();
    }

    /** The step of a stage; empty if the stage is none of the plan's. */
    Optional<Step> step(BudgetStage stage) {
        return steps.stream().filter(step -> step.stage() == stage).findFirst();
    }

    /** The step behind a stage; empty if that is the last. */
    Optional<Step> after(BudgetStage stage) {
        return steps.stream().filter(step -> step.stage().compareTo(stage) > 0).findFirst();
    }

    /** The stage before another one. */
    BudgetStage before(BudgetStage stage) {
        BudgetStage before = BudgetStage.NONE;
        for (Step step : steps) {
            if (step.stage().compareTo(stage) < 0) {
                before = step.stage();
            }
        }
        return before;
    }

    /**
     * What is wrong with it, a sentence each.
     *
     * @param rules of all sources
     */
    List<String> faults(String source, SourceConfig config, List<Rule> rules) {
        String prefix = "wal-monitor.sources." + source + ".budget.";
        List<String> faults = new ArrayList<>();
        if (size != null && size < 1) {
            faults.add(prefix + "size: expected at least 1 byte, got " + size + ".");
        }
        Step last = new Step(BudgetStage.NONE, 0);
        for (Step step : steps) {
            if (step.percent() < 1 || step.percent() > 100) {
                faults.add(
                        prefix
                                + key(step)
                                + ": expected a percentage from 1 to 100, got "
                                + step.percent()
                                + ".");
            } else if (step.percent() < last.percent()) {
                faults.add(
                        prefix
                                + key(step)
                                + ": expected at least "
                                + last.percent()
                                + ", which is "
                                + key(last)
                                + ", got "
                                + step.percent()
                                + "; the stages come in the order warn, spill, invalidate, give up.");
            }
            last = step;
        }
        if (release < 1 || release >= warnAt()) {
            faults.add(
                    prefix
                            + "release: expected a number from 1 to less than warn-at, which is "
                            + warnAt()
                            + ", got "
                            + release
                            + ".");
        }
        if (step(BudgetStage.GIVE_UP).isPresent() && !config.manage()) {
            faults.add(
                    prefix
                            + "give-up-at: the slot is not ours to make anew, as manage is false; leave it out,"
                            + " or let WAL Monitor manage the slot.");
        }
        for (String name : new TreeSet<>(invalidateOnly)) {
            ruleFault(source, name, rules)
                    .ifPresent(fault -> faults.add(prefix + "invalidate-only: " + fault));
        }
        return faults;
    }

    private static String key(Step step) {
        return step.stage().word() + "-at";
    }

    private static Optional<String> ruleFault(String source, String name, List<Rule> rules) {
        Optional<Rule> found = rules.stream().filter(rule -> rule.name().equals(name)).findFirst();
        if (found.isEmpty()) {
            List<String> caches =
                    rules.stream()
                            .filter(rule -> isCacheOf(source, rule))
                            .map(Rule::name)
                            .sorted()
                            .toList();
            return Optional.of(
                    "there is no rule \""
                            + name
                            + "\"; "
                            + (caches.isEmpty()
                                    ? "the source has no cache rule. Leave it out."
                                    : Nearest.hint(name, caches)));
        }
        Rule rule = found.get();
        if (!rule.source().equals(source)) {
            return Optional.of(
                    "rule \""
                            + name
                            + "\" listens to source "
                            + rule.source()
                            + "; name it in that one's budget.");
        }
        return isCacheOf(source, rule)
                ? Optional.empty()
                : Optional.of(
                        "rule \""
                                + name
                                + "\" has the action "
                                + rule.action()
                                + ", and only cache rules can take keys away instead; leave it out. If it is"
                                + " slow, spill-at parks its changes.");
    }

    private static boolean isCacheOf(String source, Rule rule) {
        return rule.source().equals(source) && rule.action().equals("cache");
    }
}
