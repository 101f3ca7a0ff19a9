package dev.walmonitor.monitor.budget;

import dev.walmonitor.handler.Caches;
import dev.walmonitor.monitor.Amounts;
import dev.walmonitor.monitor.budget.SlotBudget.Reading;
import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.source.Consent;
import dev.walmonitor.source.LogGauges;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Looks after the budget of one source's slot: each look at the server's figures moves it one stage
 * at most, and does what its stage asks for. It needs no monitor database. Thread-safe.
 */
final class BudgetWatch {
    private static final Logger LOG = Logger.getLogger(BudgetWatch.class);

    /** A slot that is being made anew takes its time; it is not given up again meanwhile. */
    private static final Duration ONE_AT_A_TIME = Duration.ofMinutes(1);

    private static final String REMEDY =
            "Mend what keeps WAL Monitor from confirming (GET /api/v1/rules tells which rule is behind), or give the slot"
                    + " a larger budget.";

    private final String source;
    private final BudgetPlan plan;
    private final Pipelines pipelines;
    private final Caches caches;
    private final Spill spill;
    private final Consumer<String> givenUp;
    private final InstantSource clock;
    private final SlotBudget budget;
    private final Set<String> invalidated;
    private boolean invalidating;
    private boolean spilling = true;
    private @Nullable Instant since;
    private @Nullable Instant orderedAt;
    private Consent.@Nullable Refused refused;
    private @Nullable Instant givenUpAt;
    private @Nullable String why;
    private volatile BudgetStanding standing;

    /**
     * @param givenUp told the sentence why, each time that the slot is given up
     */
    BudgetWatch(
            String source,
            BudgetPlan plan,
            Pipelines pipelines,
            Caches caches,
            Consumer<String> givenUp,
            InstantSource clock) {
        this.source = source;
        this.plan = plan;
        this.pipelines = pipelines;
        this.caches = caches;
        this.spill = new Spill(pipelines);
        this.givenUp = givenUp;
        this.clock = clock;
        this.budget = new SlotBudget(plan);
        this.invalidated = Set.copyOf(new HashSet<>(plan.invalidateOnly()));
        this.standing = BudgetStanding.unseen(plan.size(), plan.warnAt());
    }

    BudgetStanding standing() {
        return standing;
    }

    /**
     * The figures of the slot, as they are now.
     *
     * @param followed whether it is for this instance to look after it
     * @param gauges null if the database could not be asked: then everything stays as it is
     */
    synchronized void look(boolean followed, @Nullable LogGauges gauges) {
        if (!followed) {
            leave();
        } else if (gauges != null) {
            look(gauges);
        }
    }

    private void leave() {
        if (standing.stage() != BudgetStage.NONE) {
            budget.leave();
            invalidate(false);
            spilling = true;
            refused = null;
            standing = BudgetStanding.unseen(plan.size(), plan.warnAt());
        }
    }

    private void look(LogGauges gauges) {
        Reading reading = budget.look(gauges);
        BudgetStage stage = reading.stage();
        if (stage != reading.before()) {
            since = clock.instant();
        }
        if (stage != BudgetStage.NONE) { // what is done and only not told yet keeps no log
            pipelines.hurry(source);
        }
        invalidate(isAt(stage, BudgetStage.INVALIDATE));
        spill(isAt(stage, BudgetStage.SPILL), gauges);
        if (stage != BudgetStage.GIVE_UP) {
            refused = null;
        } else if (budget.isDue(BudgetStage.GIVE_UP, reading) && !isOrdered()) {
            giveUp(reading, gauges);
        }
        publish(reading, gauges);
        tell(reading);
    }

    /** Whether the stage, or one before that the plan has, is in force. */
    private boolean isAt(BudgetStage stage, BudgetStage wanted) {
        return stage.compareTo(wanted) >= 0 && plan.step(wanted).isPresent();
    }

    /** Said at each look, as a rule's cache may begin only now. */
    private void invalidate(boolean now) {
        if (now || invalidating) {
            invalidating = now;
            caches.invalidateOnly(source, now ? invalidated : Set.of());
        }
    }

    /** A rule that only takes keys away is quick enough, and its keys are not to stay old. */
    private void spill(boolean now, LogGauges gauges) {
        if (now) {
            spilling = true;
            if (invalidating) {
                spill.goOn(source, invalidated::contains, "it only takes keys away now");
            }
            if (gauges.isOurs()) {
                spill.parkOne(source, rule -> !invalidating || !invalidated.contains(rule));
            }
        } else if (spilling) {
            spilling = false;
            spill.goOn(source, rule -> true, "the slot has room");
        }
    }

    private boolean isOrdered() {
        return orderedAt != null && clock.instant().isBefore(orderedAt.plus(ONE_AT_A_TIME));
    }

    private void giveUp(Reading reading, LogGauges gauges) {
        String because =
                "The slot kept " + used(reading, gauges) + ", and what was not done was given up.";
        orderedAt = clock.instant();
        pipelines
                .giveUp(source, because)
                .subscribe()
                .with(
                        consent -> answered(consent, because),
                        failure ->
                                answered(
                                        new Consent.Refused(String.valueOf(failure), null),
                                        because));
    }

    private synchronized void answered(Consent consent, String because) {
        switch (consent) {
            case Consent.Given given -> {
                refused = null;
                givenUpAt = clock.instant();
                why = because;
                LOG.errorf("Source %s: %s %s", source, because, given.sentence());
                givenUp.accept(because);
            }
            case Consent.Refused no -> {
                orderedAt = null;
                if (!no.equals(refused)) {
                    LOG.errorf("Source %s: its slot is not given up: %s", source, no.sentence());
                }
                refused = no;
            }
        }
    }

    private void publish(Reading reading, LogGauges gauges) {
        Consent.Refused no = refused;
        String remedy = no == null ? null : no.remedy();
        standing =
                new BudgetStanding(
                        plan.size(),
                        plan.warnAt(),
                        plan.stages(),
                        reading.stage(),
                        since,
                        reading.limit(),
                        reading.percent(),
                        sentence(reading, gauges),
                        no == null ? null : no.sentence(),
                        remedy != null || reading.stage() == BudgetStage.NONE ? remedy : REMEDY,
                        givenUpAt,
                        why);
    }

    private static String used(Reading reading, LogGauges gauges) {
        Long limit = reading.limit();
        return Amounts.bytes(gauges.retainedBytes())
                + " of log, "
                + reading.percent()
                + " % of its budget of "
                + Amounts.bytes(limit == null ? 0 : limit);
    }

    private @Nullable String sentence(Reading reading, LogGauges gauges) {
        BudgetStage stage = reading.stage();
        if (stage == BudgetStage.NONE) {
            return null;
        }
        StringBuilder text =
                new StringBuilder("The slot keeps ").append(used(reading, gauges)).append('.');
        if (isAt(stage, BudgetStage.SPILL)) {
            text.append(" Rules that hold it up are parked, one after the other.");
        }
        if (isAt(stage, BudgetStage.INVALIDATE)) {
            text.append(" Only taking keys away: ")
                    .append(String.join(", ", invalidated.stream().sorted().toList()))
                    .append('.');
        }
        if (stage == BudgetStage.GIVE_UP) {
            text.append(
                    refused == null
                            ? " It is given up: what was not done is a gap on record."
                            : " It is not given up: " + refused.sentence());
        }
        if (reading.held()) {
            text.append(
                    " A transaction that was left open holds most of it, which nothing of ours could free.");
        }
        return text.toString();
    }

    private void tell(Reading reading) {
        if (reading.stage() == reading.before()) {
            return;
        }
        String sentence = standing.sentence();
        if (reading.stage().compareTo(reading.before()) > 0) {
            LOG.warnf("Source %s: %s", source, sentence);
        } else {
            LOG.infof(
                    "Source %s: the stage %s of its slot's budget is over. %s",
                    source,
                    reading.before().word(),
                    sentence == null ? "There is room again." : sentence);
        }
    }
}
