package dev.walmonitor.embedded;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How an embedded PostgreSQL is made.
 *
 * @param port where it is wanted; another one is taken if it is not free
 * @param initdb further options of initdb
 * @param settings the server's settings, on top of those that make it ready for logical replication
 * @param hba lines of pg_hba.conf that come before the usual ones
 */
record PostgresOptions(
        int port, List<String> initdb, Map<String, String> settings, List<String> hba) {
    /** The data is thrown away at the end, so nothing is gained by waiting for a disk. */
    private static final Map<String, String> DEFAULTS =
            Map.of(
                    "wal_level", "logical",
                    "max_wal_senders", "10",
                    "max_replication_slots", "20",
                    "listen_addresses", "127.0.0.1",
                    "unix_socket_directories", "",
                    "fsync", "off",
                    "full_page_writes", "off");

    static PostgresOptions of(int port) {
        return new PostgresOptions(port, List.of(), Map.of(), List.of());
    }

    PostgresOptions with(String setting, String value) {
        Map<String, String> more = new LinkedHashMap<>(settings);
        more.put(setting, value);
        return new PostgresOptions(port, initdb, more, hba);
    }

    PostgresOptions withInitdb(String option) {
        return new PostgresOptions(port, added(initdb, option), settings, hba);
    }

    PostgresOptions withHba(String line) {
        return new PostgresOptions(port, initdb, settings, added(hba, line));
    }

    /** The defaults and the further settings, as lines of postgresql.conf. */
    List<String> configuration() {
        Map<String, String> all = new LinkedHashMap<>(DEFAULTS);
        all.putAll(settings);
        List<String> lines = new ArrayList<>();
        all.forEach((name, value) -> lines.add(name + " = '" + value.replace("'", "''") + "'"));
        return lines;
    }

    private static List<String> added(List<String> list, String element) {
        List<String> more = new ArrayList<>(list);
        more.add(element);
        return more;
    }
}
