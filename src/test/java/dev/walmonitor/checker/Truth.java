package dev.walmonitor.checker;

import dev.walmonitor.change.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What was committed, as two witnesses have it that share nothing with us: PostgreSQL's {@code
 * test_decoding} on a slot of its own says which changes, in which order, and {@code pg_walinspect}
 * where in the log each commit stands.
 */
record Truth(List<Committed> transactions) {

    /**
     * @param commit where the commit's record begins: a slot confirmed beyond it will not send the
     *     transaction again
     * @param end where it ends
     */
    record Committed(int xid, Lsn commit, Lsn end, List<Fact> facts) {}

    static Truth read(Connection connection, String slot, String schema, Lsn from)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // at its limit, test_decoding of PostgreSQL 18 falls over transactions that were rolled
            // back (a segmentation fault in its stream_abort)
            statement.execute("SET logical_decoding_work_mem = '1GB'");
        }
        Map<Lsn, Lsn> commits = commits(connection, from);
        List<Committed> transactions = new ArrayList<>();
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT lsn::text, data FROM pg_logical_slot_get_changes(?, NULL, NULL,"
                                + " 'include-xids', '1')")) {
            statement.setString(1, slot);
            try (ResultSet rows = statement.executeQuery()) {
                List<Fact> facts = new ArrayList<>();
                while (rows.next()) {
                    String line = rows.getString(2);
                    if (line.startsWith("BEGIN ")) {
                        facts = new ArrayList<>();
                    } else if (line.startsWith("COMMIT ") && !facts.isEmpty()) {
                        Lsn end = Lsn.parse(rows.getString(1));
                        Lsn commit =
                                Objects.requireNonNull(
                                        commits.get(end), () -> "No commit ends at " + end);
                        transactions.add(
                                new Committed(
                                        Integer.parseUnsignedInt(line.substring(7)),
                                        commit,
                                        end,
                                        facts));
                    } else if (!line.startsWith("COMMIT ")) {
                        facts.addAll(TestDecoding.read(line, schema));
                    }
                }
            }
        }
        return new Truth(transactions);
    }

    /** The commits of the log since then: begin by end. */
    private static Map<Lsn, Lsn> commits(Connection connection, Lsn from) throws SQLException {
        Map<Lsn, Lsn> commits = new HashMap<>();
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT start_lsn::text, end_lsn::text"
                                + " FROM pg_get_wal_records_info(?::pg_lsn, pg_current_wal_flush_lsn())"
                                + " WHERE resource_manager = 'Transaction'"
                                + " AND record_type LIKE 'COMMIT%'")) {
            statement.setString(1, from.text());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    commits.put(Lsn.parse(rows.getString(2)), Lsn.parse(rows.getString(1)));
                }
            }
        }
        return commits;
    }
}
