package dev.walmonitor.admin;

/** Examples for the description of the API. */
final class Examples {
    static final String UNKNOWN_SOURCE =
            """
            {
              "type": "urn:wal-monitor:problem:unknown-source",
              "title": "Unknown source",
              "status": 404,
              "detail": "There is no source \\"shop\\"; /api/v1/sources lists those that there are.",
              "instance": "/api/v1/wal-monitor/sources/shop"
            }\
            """;

    static final String BARRIER_BEHIND =
            """
            {
              "type": "urn:wal-monitor:problem:barrier",
              "title": "Not applied within 200 ms",
              "status": 504,
              "detail": "The rules named below have not done everything up to 0/1949DD8.",
              "instance": "/api/v1/barrier",
              "source": "main",
              "state": "STREAMING",
              "place": "0/1949DD8",
              "received": "0/1949DD8",
              "rules": [{"rule": "roles", "oldest": "0/1949DA8", "failures": 3, "filling": false}]
            }\
            """;

    static final String BAD_FIELD =
            """
            {
              "type": "urn:wal-monitor:problem:bad-field",
              "title": "Bad field wal_lsn",
              "status": 400,
              "detail": "Expected an LSN such as 16/B374D848, two hexadecimal numbers of up to 8 digits, got \\"x\\".",
              "instance": "/api/v1/wal-monitor/sources/orders",
              "field": "wal_lsn"
            }\
            """;

    static final String MONITOR_UPDATE =
            """
            {
              "wal_lsn": "16/B374D848",
              "last_wal_received": "2026-11-21T18:00:00Z",
              "replication_slot_name": "orders_slot",
              "replication_lag_bytes": 0,
              "status": "ACTIVE"
            }\
            """;

    static final String STATUS_UPDATE =
            """
            {"status": "ERROR", "error_message": "The listener lost its slot."}\
            """;

    static final String BATCH =
            """
            [
              {"source_id": "orders", "wal_lsn": "16/B374D848"},
              {"source_id": "stock", "status": "ERROR", "error_message": "Cannot connect."}
            ]\
            """;

    static final String ALERTS =
            """
            [{
              "id": 7,
              "source": "main",
              "kind": "retained-wal",
              "rule": null,
              "state": "active",
              "sentence": "The database keeps 7.5 GiB of log for the slot \\"wal_monitor\\", of 10.0 GiB that max_slot_wal_keep_size allows; at the rate of the last minutes the slot is lost in about 40 minutes.",
              "remedy": "Mend what keeps WAL Monitor from confirming (GET /api/v1/rules tells which rule is behind). To gain time: ALTER SYSTEM SET max_slot_wal_keep_size = '…'; SELECT pg_reload_conf();",
              "raised_at": "2026-11-21T18:00:00Z",
              "cleared_at": null,
              "told_at": "2026-11-21T18:00:01Z"
            }]\
            """;

    private Examples() {}
}
