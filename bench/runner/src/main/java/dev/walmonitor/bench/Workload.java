package dev.walmonitor.bench;

import dev.walmonitor.embedded.MeasuredPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;

/**
 * A backlog: what is in the log before a consumer starts, in a table and a publication of its own.
 */
enum Workload {
    W1("narrow INSERTs, 100 a transaction", 1_000_000, 100),
    W2("UPDATEs of 1 KB rows, REPLICA IDENTITY FULL, 10 a transaction", 300_000, 10) {
        @Override
        List<String> prepare(int rows) {
            String table = table();
            return List.of(
                    "create table " + table + " (" + COLUMNS + ", body text)",
                    "alter table " + table + " replica identity full",
                    "insert into "
                            + table
                            + " select "
                            + ROW
                            + ", repeat(md5(i::text), 28)"
                            + " from generate_series(1, "
                            + rows
                            + ") i");
        }

        @Override
        String transaction(String from, String to) {
            return "update "
                    + table()
                    + " set qty = qty + 1, created_at = created_at + interval '1 day'"
                    + " where id between "
                    + from
                    + " and "
                    + to;
        }
    },
    W3("narrow INSERTs in one transaction", 2_000_000, Integer.MAX_VALUE),
    W4("narrow INSERTs, 1 a transaction", 200_000, 1);

    /** About 100 bytes a row. */
    private static final String COLUMNS =
            "id int8 primary key, name text, qty int4, amount numeric(12,2), created_at timestamptz, active bool";

    private static final String ROW =
            "i, 'order of the customer with number ' || lpad(i::text, 9, '0'), (i % 1000)::int4,"
                    + " ((i % 100000) * 1.37)::numeric(12,2),"
                    + " timestamptz '2026-01-01 00:00:00.123456+00' + i * interval '1.000001 s', i % 3 = 0";

    private final String what;
    private final int rows;
    private final int rowsOfTransaction;

    Workload(String what, int rows, int rowsOfTransaction) {
        this.what = what;
        this.rows = rows;
        this.rowsOfTransaction = rowsOfTransaction;
    }

    static Workload parse(String name) {
        return valueOf(name.strip().toUpperCase(Locale.ROOT));
    }

    String what() {
        return what;
    }

    /** Lower case, as PostgreSQL has it. */
    final String table() {
        return name().toLowerCase(Locale.ROOT);
    }

    final String publication() {
        return "bench_" + table();
    }

    /** The slot that stands before the backlog; it is copied and never read itself. */
    final String slot() {
        return "before_" + table();
    }

    /** How many rows it has at a scale; whole transactions. */
    final int rows(double scale) {
        int wanted = (int) Math.max(1, rows * scale);
        int size = Math.min(wanted, rowsOfTransaction);
        return wanted / size * size;
    }

    /** What stands before the slot. */
    List<String> prepare(int rows) {
        return List.of("create table " + table() + " (" + COLUMNS + ")");
    }

    /** One transaction, of the rows from and to, both included. */
    String transaction(String from, String to) {
        return "insert into "
                + table()
                + " select "
                + ROW
                + " from generate_series("
                + from
                + ", "
                + to
                + ") i";
    }

    /**
     * Writes it into the log.
     *
     * @return what was written
     */
    final Backlog write(MeasuredPostgres server, double scale) throws SQLException {
        int rows = rows(scale);
        server.run(prepare(rows).toArray(String[]::new));
        server.run(
                "create publication " + publication() + " for table " + table(),
                "checkpoint",
                "select pg_create_logical_replication_slot('" + slot() + "', 'pgoutput')");
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("set synchronous_commit = off");
            statement.execute(generator(rows));
        }
        String end = server.column("select pg_current_wal_insert_lsn()").getFirst();
        server.run("checkpoint");
        return new Backlog(this, rows, end);
    }

    private String generator(int rows) {
        int size = Math.min(rows, rowsOfTransaction);
        String one = transaction("b * " + size + " + 1", "(b + 1) * " + size);
        return "do $$ begin for b in 0 .. "
                + (rows / size - 1)
                + " loop "
                + one
                + "; commit; end loop; end $$";
    }

    /**
     * A workload that stands in the log.
     *
     * @param end where its last transaction ends
     */
    record Backlog(Workload workload, int rows, String end) {}
}
