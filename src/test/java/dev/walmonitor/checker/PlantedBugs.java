package dev.walmonitor.checker;

import dev.walmonitor.planted.PlantedBug;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Ways in which the service could be wrong, that the checker has to find. */
final class PlantedBugs {

    /**
     * @param seeds some that are known to find it
     */
    record Planted(PlantedBug bug, List<Long> seeds) {
        @Override
        public String toString() {
            return bug.name();
        }
    }

    /** The packages of which a planted build has its own classes. */
    static final List<String> OWN =
            Stream.of("change", "checker", "handler", "pipeline", "rule", "sink", "source")
                    .map(name -> "dev.walmonitor." + name)
                    .toList();

    private PlantedBugs() {}

    static List<Planted> all() {
        return List.of(
                planted(
                        new PlantedBug(
                                "one is added to what is confirmed",
                                "source.postgres.replication.Acknowledgement",
                                "return flushed;",
                                "return new Lsn(flushed.value() + 1);"),
                        1,
                        2,
                        3),
                planted(
                        new PlantedBug(
                                "a transaction is confirmed when it was received",
                                "source.postgres.replication.Acknowledgement",
                                "confirmable = Position.later(confirmable, position);",
                                "confirmable = Position.later(confirmable, position); flushed = confirmable;"),
                        1,
                        2,
                        3),
                planted(
                        new PlantedBug(
                                "units are sorted by where they began",
                                "pipeline.Watermark",
                                """
                                    private void append(Unit unit) {
                                """,
                                """
                                    private void append(Unit unit) {
                                        Unit place = last;
                                        for (Unit each = last; each != null; each = each.previous) {
                                            if (each.transaction != null && unit.transaction != null) {
                                                if (each.transaction.xid() < unit.transaction.xid()) {
                                                    break;
                                                }
                                                place = each.previous;
                                            }
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
                        1,
                        2,
                        3),
                planted(
                        new PlantedBug(
                                "the end of the log is confirmed inside a transaction",
                                "source.postgres.replication.ReplicationSession",
                                "if (assembler.keepalive(position, replyRequested)) {",
                                """
                                if (!assembler.keepalive(position, replyRequested)) {
                                    acknowledgement.delivered(position);
                                    confirm(position);
                                } else {
                                """),
                        1,
                        2,
                        3),
                planted(
                        new PlantedBug(
                                "a key update occupies its new lane only",
                                "pipeline.RuleRunner",
                                "return entered != 0 || known ? left | entered : lanes.all();",
                                "return entered != 0 ? entered : known ? left : lanes.all();"),
                        1,
                        2,
                        3),
                planted(
                        new PlantedBug(
                                        "what waits in the lanes is dropped when the stream begins again",
                                        "pipeline.RuleRunner",
                                        "    void submit(Task task) {",
                                        """
                                            void drop() {
                                                lanes.drop(task -> done(task, HandlerResult.NONE));
                                            }

                                            void submit(Task task) {
                                        """)
                                .and(
                                        "pipeline.Lanes",
                                        "    void submit(Task task) {",
                                        """
                                            void drop(Consumer<Task> dropped) {
                                                java.util.Set<Task> waiting = new java.util.LinkedHashSet<>();
                                                for (ArrayDeque<Task> queue : queues) {
                                                    queue.stream().filter(task -> task.waiting > 0).forEach(waiting::add);
                                                }
                                                for (ArrayDeque<Task> queue : queues) {
                                                    queue.removeAll(waiting);
                                                }
                                                for (Task task : waiting) {
                                                    task.asked = true;
                                                }
                                                dropping = true;
                                                waiting.forEach(dropped);
                                                dropping = false;
                                            }

                                            private boolean dropping;

                                            void submit(Task task) {
                                        """)
                                .and(
                                        "    void finished(Task task) {",
                                        """
                                            void finished(Task task) {
                                                if (dropping) {
                                                    return;
                                                }
                                        """)
                                .and(
                                        "pipeline.Pipeline",
                                        "LogIdentity before = log;",
                                        "LogIdentity before = log; router.rules().forEach(RuleRunner::drop);"),
                        1,
                        2,
                        3),
                planted(
                        new PlantedBug(
                                "the server is told before the watermark is stored",
                                "pipeline.Confirmer",
                                "storing = true;",
                                "storing = true; source.confirm(checkpoint.watermark());"),
                        1,
                        2,
                        3),
                planted(
                        new PlantedBug(
                                "the flags are taken for the primary key",
                                "source.postgres.pgoutput.LaneKey",
                                "case FULL -> primaryKey(columns, primaryKey);",
                                "case FULL -> flagged(columns);"),
                        1,
                        2,
                        3),
                planted(
                        new PlantedBug(
                                "no status is sent after the drain",
                                "source.postgres.replication.ReplicationSession",
                                """
                                        closing = true;
                                        letGoOfStreamed();
                                        status.send(false);
                                """,
                                """
                                        closing = true;
                                        letGoOfStreamed();
                                """),
                        1,
                        2,
                        3),
                planted(
                        new PlantedBug(
                                "a table that is described again is taken for the same",
                                "source.postgres.pgoutput.RelationCache",
                                "before != null && before.isAs(table, identity, columns, key)",
                                "before != null"),
                        1,
                        2,
                        3));
    }

    private static Planted planted(PlantedBug bug, long... seeds) {
        return new Planted(bug, LongStream.of(seeds).boxed().toList());
    }
}
