package dev.walmonitor.source.postgres.wire;

/** What the server's error cannot know: the mistakes that people make at their first run. */
final class FirstRunAdvice {
    private FirstRunAdvice() {}

    static String sentence(ServerMessage error) {
        return "The server said: " + error + "." + advice(error);
    }

    private static String advice(ServerMessage error) {
        // Messages may be translated; names of files and parameters are not.
        if (error.sqlState().equals("28000") && error.message().contains("pg_hba.conf")) {
            return " A logical replication connection is matched by its database, never by the"
                    + " word \"replication\": pg_hba.conf needs a line such as"
                    + " \"hostssl <database> <user> <address> scram-sha-256\".";
        }
        if (error.sqlState().equals("08P01") && error.message().contains("startup parameter")) {
            return " That is what a connection pooler answers; connect to the PostgreSQL server"
                    + " itself, not to the pooler.";
        }
        return "";
    }
}
