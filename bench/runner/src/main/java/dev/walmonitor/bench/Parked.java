package dev.walmonitor.bench;

import dev.walmonitor.bench.consumer.Outcome;
import dev.walmonitor.embedded.MeasuredRedis;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** A table of notifications whose rule was paused: how fast what it has parked is delivered. */
record Parked(Packaged packaged, int changes) {
    static final String SUITE = "parked";

    private static final int CHANGES = 100_000;

    /** Rows of a transaction; changes are whole transactions of inserted and of updated rows. */
    private static final int TRANSACTION = 10;

    private static final String RULE = "told";
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration LOOK = Duration.ofMillis(50);

    private static final String RULES =
            """
            wal-monitor:
              webhooks:
                allowed-networks: 127.0.0.0/8
              sources:
                main: { lanes: 32 }
              rules:
                told:
                  tables: public.notifications
                  webhook: { url: "%s", secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] }
            """;

    /** Of the packaged service. */
    static Parked of(Packaged packaged, double scale) {
        int pair = 2 * TRANSACTION;
        return new Parked(packaged, Math.max(1, (int) (CHANGES * scale) / pair) * pair);
    }

    /** What is known while the service runs; times in microseconds of the Unix epoch. */
    private record Seen(
            long began,
            long parked,
            long resumed,
            long last,
            int requests,
            double cpu,
            long memory) {}

    ParkedRun run() throws Exception {
        packaged.server()
                .run(
                        "drop table if exists notifications",
                        "create table notifications (id int8 primary key, version int4, recipient text,"
                                + " title text, body text, created_at timestamptz)",
                        "alter table notifications owner to app",
                        "checkpoint");
        packaged.clear();
        Recording recording = Recording.in(packaged.directory(SUITE));
        Arrivals arrivals = new Arrivals();
        try (MeasuredRedis redis = MeasuredRedis.started();
                Receiver receiver = Receiver.started(arrivals)) {
            String rules = RULES.formatted(receiver.url());
            Seen seen;
            try (Service service = packaged.started(SUITE, redis, recording, rules)) {
                seen = seen(service, arrivals);
            }
            return measured(seen, recording);
        } finally {
            packaged.clear();
        }
    }

    private Seen seen(Service service, Arrivals arrivals) throws Exception {
        int warm = changes / 10 / (2 * TRANSACTION) * 2 * TRANSACTION;
        change(0, warm);
        await(arrivals, warm);
        service.doors().tell(RULE, "pause");
        long began = Outcome.now();
        change(warm, changes);
        awaitParked();
        long parked = Outcome.now();
        double cpu = service.cpu();
        int requests = arrivals.requests();
        service.doors().tell(RULE, "resume");
        await(arrivals, warm + changes);
        double used = service.cpu() - cpu;
        awaitEmpty();
        return new Seen(
                began,
                parked,
                parked,
                arrivals.last(),
                arrivals.requests() - requests,
                used,
                service.peakMemory());
    }

    /** Inserts half as many rows, and updates each. */
    private void change(int after, int some) throws SQLException {
        int last = some / 2 / TRANSACTION - 1;
        String rows = after + " + b * " + TRANSACTION;
        try (Connection connection = packaged.server().connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "do $$ begin for b in 0 .. "
                            + last
                            + " loop insert into notifications select i, 1, 'customer-' || i % 1000 || '@example.org',"
                            + " 'Order ' || i || ' is on its way', repeat('It will be with you soon. ', 4), now()"
                            + " from generate_series("
                            + rows
                            + " + 1, "
                            + rows
                            + " + "
                            + TRANSACTION
                            + ") i; commit; end loop; for b in 0 .. "
                            + last
                            + " loop update notifications set version = version + 1 where id between "
                            + rows
                            + " + 1 and "
                            + rows
                            + " + "
                            + TRANSACTION
                            + "; commit; end loop; end $$");
        }
    }

    private void awaitParked() throws Exception {
        awaitRows(changes);
    }

    /** What was delivered is forgotten. */
    private void awaitEmpty() throws Exception {
        awaitRows(0);
    }

    private void awaitRows(int wanted) throws Exception {
        long until = System.nanoTime() + LIMIT.toNanos();
        int rows = rows();
        while (rows != wanted) {
            if (System.nanoTime() > until) {
                throw new ConsumerFailed(
                        "had "
                                + rows
                                + " parked changes after "
                                + LIMIT.toSeconds()
                                + " s, expected "
                                + wanted);
            }
            Thread.sleep(LOOK);
            rows = rows();
        }
    }

    private int rows() throws SQLException {
        return Integer.parseInt(
                packaged.server()
                        .column("select count(*) from wal_monitor.parked_change")
                        .getFirst());
    }

    private static void await(Arrivals arrivals, int wanted) throws InterruptedException {
        long until = System.nanoTime() + LIMIT.toNanos();
        while (arrivals.changes() < wanted) {
            if (System.nanoTime() > until) {
                throw new ConsumerFailed(
                        "had delivered "
                                + arrivals.changes()
                                + " of "
                                + wanted
                                + " changes after "
                                + LIMIT.toSeconds()
                                + " s");
            }
            Thread.sleep(LOOK);
        }
    }

    private ParkedRun measured(Seen seen, Recording recording) throws Exception {
        return new ParkedRun(
                changes,
                Duration.of(seen.parked() - seen.began(), ChronoUnit.MICROS),
                Duration.of(seen.last() - seen.resumed(), ChronoUnit.MICROS),
                seen.requests(),
                seen.cpu(),
                recording.heap(instant(seen.began()), instant(seen.resumed())),
                recording.heap(instant(seen.resumed()), instant(seen.last())),
                seen.memory());
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
