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

    private Examples() {}
}
