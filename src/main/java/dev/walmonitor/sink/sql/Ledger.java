package dev.walmonitor.sink.sql;

import dev.walmonitor.change.TableName;

/**
 * The statements about the table in which it stands which changes were applied.
 *
 * @param table its name
 */
record Ledger(TableName table) {
    private static final String NAME = "wal_monitor_applied";

    static Ledger in(String schema) {
        return new Ledger(new TableName(schema, NAME));
    }

    private String name() {
        return table.quoted();
    }

    /** The schema as it stands in a statement. */
    private String schema() {
        String name = name();
        return name.substring(0, name.length() - NAME.length() - 1);
    }

    String makeSchema() {
        return "CREATE SCHEMA IF NOT EXISTS " + schema();
    }

    /** The commit is an unsigned number of 64 bits. */
    String make() {
        return "CREATE TABLE IF NOT EXISTS "
                + name()
                + " (source text NOT NULL, epoch bigint NOT NULL, rule text NOT NULL,"
                + " commit_lsn numeric(20) NOT NULL, ordinal integer NOT NULL,"
                + " applied_at timestamptz NOT NULL DEFAULT now(),"
                + " PRIMARY KEY (source, epoch, commit_lsn, ordinal, rule))";
    }

    /** What somebody runs who may, so that the role can use it. */
    String mend(String role) {
        return makeSchema()
                + "; "
                + make()
                + "; GRANT USAGE ON SCHEMA "
                + schema()
                + " TO "
                + role
                + "; GRANT SELECT, INSERT, DELETE ON "
                + name()
                + " TO "
                + role
                + ";";
    }

    /** No row if it is there already, whoever else is writing it. */
    String enter() {
        return "INSERT INTO "
                + name()
                + " (source, epoch, rule, commit_lsn, ordinal) VALUES ($1, $2, $3, $4, $5)"
                + " ON CONFLICT DO NOTHING";
    }

    /** The oldest first. */
    String forget() {
        return "DELETE FROM "
                + name()
                + " WHERE ctid = ANY (ARRAY(SELECT ctid FROM "
                + name()
                + " WHERE source = $1 AND (epoch, commit_lsn) < ($2, $3)"
                + " ORDER BY epoch, commit_lsn LIMIT $4))";
    }

    /**
     * Whether table and schema are there, and what the role may: the rights that are asked for are
     * NULL for what is not there.
     */
    static final String STANDING =
            """
            select t.oid is not null,
                   s.oid is not null,
                   has_table_privilege(t.oid, 'SELECT') and has_table_privilege(t.oid, 'INSERT')
                       and has_table_privilege(t.oid, 'DELETE') and has_schema_privilege(s.oid, 'USAGE'),
                   has_schema_privilege(s.oid, 'CREATE') and has_schema_privilege(s.oid, 'USAGE'),
                   has_database_privilege(current_database(), 'CREATE'),
                   quote_ident(current_user)
            from (select 1) one
            left join pg_namespace s on s.nspname = $1
            left join pg_class t on t.relnamespace = s.oid and t.relname = $2
            """;
}
