package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.planted.PlantedBug;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongFunction;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The model is worth something only if it finds a pipeline that is wrong. */
class PlantedBugsTest {
    private static final int SEEDS = 1_000;
    private static final Logger LOG = Logger.getLogger("dev.walmonitor.pipeline");

    static List<PlantedBug> bugs() {
        return List.of(
                new PlantedBug(
                        "units are sorted by their positions",
                        "pipeline.Watermark",
                        """
                            private void append(Unit unit) {
                        """,
                        """
                            private void append(Unit unit) {
                                Unit place = last;
                                while (place != null && place(place) > place(unit)) {
                                    place = place.previous;
                                }
                                if (place == last) {
                                    atTheEnd(unit);
                                    return;
                                }
                                unit.previous = place;
                                unit.next = place == null ? first : place.next;
                                unit.next.previous = unit;
                                if (place == null) {
                                    first = unit;
                                } else {
                                    place.next = unit;
                                }
                            }

                            private static long place(Unit unit) {
                                return unit.transaction == null
                                        ? unit.end.number()
                                        : unit.transaction.commit().number();
                            }

                            private void atTheEnd(Unit unit) {
                        """),
                new PlantedBug(
                        "units are sorted by when they began",
                        "pipeline.Watermark",
                        """
                            private void append(Unit unit) {
                        """,
                        """
                            private void append(Unit unit) {
                                Unit place = last;
                                while (place != null
                                        && place.transaction != null
                                        && unit.transaction != null
                                        && place.transaction.xid() > unit.transaction.xid()) {
                                    place = place.previous;
                                }
                                if (place == last) {
                                    atTheEnd(unit);
                                    return;
                                }
                                unit.previous = place;
                                unit.next = place == null ? first : place.next;
                                unit.next.previous = unit;
                                if (place == null) {
                                    first = unit;
                                } else {
                                    place.next = unit;
                                }
                            }

                            private void atTheEnd(Unit unit) {
                        """),
                new PlantedBug(
                        "a transaction counts as done when it is committed",
                        "pipeline.Watermark",
                        "for (Unit head = first; head != null && head.isDone(); head = first) {",
                        "for (Unit head = first; head != null && head.end != null; head = first) {"),
                new PlantedBug(
                        "the watermark follows whatever is told",
                        "pipeline.Watermark",
                        "low = low == null ? end : Position.later(low, end);",
                        "low = end;"),
                new PlantedBug(
                        "done units that are merged keep the earlier end",
                        "pipeline.Watermark",
                        "Objects.requireNonNull(next.end)",
                        "unit.end"),
                new PlantedBug(
                        "an abandoned unit goes on counting",
                        "pipeline.Watermark",
                        """
                            void abandon(Unit unit) {
                                remove(unit);
                        """,
                        """
                            void abandon(Unit unit) {
                        """),
                new PlantedBug(
                        "a key update occupies its new lane only",
                        "pipeline.RuleRunner",
                        "lane(relation, change.before()) | lane(relation, change.after());",
                        "lane(relation, change.after());"),
                new PlantedBug(
                        "a key that is sent in part is taken for the old one",
                        "pipeline.RuleRunner",
                        "(left && (after == null || relation.key().size() == 1))",
                        "left"),
                new PlantedBug(
                        "a changed table is no barrier",
                        "pipeline.RuleRunner",
                        "reshaped.add(relation.oid());",
                        "reshaped.remove(relation.oid());"),
                new PlantedBug(
                        "a truncate waits for nobody",
                        "pipeline.RuleRunner",
                        "if (reshaped.contains(change.relation().oid()) || (before == null && after == null)) {",
                        """
                        if (before == null && after == null) {
                            return false;
                        }
                        if (reshaped.contains(change.relation().oid())) {
                        """),
                new PlantedBug(
                        "a change that failed gives its lanes up until it is tried again",
                        "pipeline.RuleRunner",
                        "loop.schedule(delay, () -> run(task));",
                        "lanes.finished(task); loop.schedule(delay, () -> lanes.submit(task));"),
                new PlantedBug(
                                "a change counts as done when it is handed over",
                                "pipeline.Pipeline",
                                "runner.submit(task);",
                                "runner.submit(task); watermark.done(unit);")
                        .and("watermark.done(task.unit);", ""),
                new PlantedBug(
                        "each beginning of the stream is progress",
                        "pipeline.Pipeline",
                        "if (before == null) {",
                        "if (before != null) { watermark.startFrom(resumed.from()); } if (before == null) {"),
                new PlantedBug(
                        "a second answer counts",
                        "pipeline.RuleRunner",
                        """
                            private void done(Task task, HandlerResult result) {
                                if (!task.asked) {
                        """,
                        """
                            private void done(Task task, HandlerResult result) {
                                if (task.change == null) {
                        """),
                new PlantedBug(
                        "what failed is tried again after the drain",
                        "pipeline.RuleRunner",
                        "if (stopped || task.parking) {",
                        "if ((stopped && task.failures == 0) || task.parking) {"),
                new PlantedBug(
                        "the source is told before the position is stored",
                        "pipeline.Confirmer",
                        "storing = true;",
                        "storing = true; source.confirm(checkpoint.watermark());"),
                new PlantedBug(
                        "two positions are stored at a time",
                        "pipeline.Confirmer",
                        "        if (storing) {",
                        "        if (storing && whenClosed == null) {"),
                new PlantedBug(
                        "a store that fails is never tried again",
                        "pipeline.Confirmer",
                        "setTimer(pace.afterFailure());",
                        "timer = null;"),
                new PlantedBug(
                        "nothing is asked for after too much was on its way",
                        "pipeline.Pipeline",
                        """
                                    starved = false;
                                    demand();
                        """,
                        "            starved = false;"),
                new PlantedBug(
                        "what is parked holds nobody up",
                        "pipeline.RuleRunner",
                        "if (parked != null && parked.holds(task)) {",
                        "if (parked != null && parked.takesEverything()) {"),
                new PlantedBug(
                                "a change counts as parked before it is durable",
                                "pipeline.ParkedRule",
                                "        parking.add(change);\n",
                                "        parking.add(change); runner.parked(task);\n")
                        .and(
                                "boolean late = parking.stored(change);\n                    runner.parked(task);",
                                "boolean late = parking.stored(change);"),
                new PlantedBug(
                        "what failed holds nobody up while what is parked is done",
                        "pipeline.Drain",
                        "        blocked.addAll(keys);\n        if (due",
                        "        if (due"),
                new PlantedBug(
                        "what is parked is done while changes before it are in memory",
                        "pipeline.ParkedRule",
                        "&& (!parking.takesEverything() || runner.isIdle());",
                        ";"),
                new PlantedBug(
                        "what was parked before the start is not known",
                        "pipeline.Parking",
                        "standing.keys().forEach(keys::add);",
                        ""),
                new PlantedBug(
                                "what is parked late holds nobody up",
                                "pipeline.Drain",
                                "return blocked.hold(keys) || parking.late().hold(keys);",
                                "return blocked.hold(keys);")
                        .and("if (late && running) {", "if (false) {"),
                new PlantedBug(
                        "another shape of a table is none after a start",
                        "pipeline.RuleRunner",
                        "parked.hasOtherShape(relation)",
                        "relation == null"),
                new PlantedBug(
                        "what may be stored again is done",
                        "pipeline.Drain",
                        "isBlocked(keys) || parking.isOnTheWay(row)",
                        "isBlocked(keys)"),
                new PlantedBug(
                        "what is replayed does not wait for what is under way",
                        "pipeline.RuleRunner",
                        """
                                        task.toldAgain = true;
                                        toldAgain++;
                        """,
                        ""),
                new PlantedBug(
                        "what has another shape than what is replayed does not wait for it",
                        "pipeline.RuleRunner",
                        ".forEach(this::barrierNext);",
                        ".count();"));
    }

    @BeforeEach
    void quiet() {
        LOG.setLevel(Level.OFF);
    }

    @AfterEach
    void loud() {
        LOG.setLevel(null);
    }

    @SuppressWarnings("unchecked")
    private static LongFunction<String> model(PlantedBug bug, Path directory) {
        return (LongFunction<String>)
                bug.plant(
                        directory,
                        List.of("dev.walmonitor.pipeline"),
                        "dev.walmonitor.pipeline.PipelineModel");
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void isFound(PlantedBug bug, @TempDir Path directory) {
        LongFunction<String> model = model(bug, directory);
        String found = "";
        int seed = 0;
        while (found.isEmpty() && seed < SEEDS) {
            found = model.apply(++seed);
        }
        System.out.printf("%s: with seed %d, %s%n", bug, seed, found);
        assertThat(found).as("what %d seeds have found", SEEDS).isNotEmpty();
    }
}
