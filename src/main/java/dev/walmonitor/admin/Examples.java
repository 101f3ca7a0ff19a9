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

    private Examples() {}
}
