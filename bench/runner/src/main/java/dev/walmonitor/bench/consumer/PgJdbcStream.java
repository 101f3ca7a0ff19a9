package dev.walmonitor.bench.consumer;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/** The JDBC driver's replication stream, of which nothing is decoded. */
public final class PgJdbcStream {

    private PgJdbcStream() {}

    public static void main(String[] words) throws Exception {
        Arguments arguments = new Arguments(words);
        Properties properties = new Properties();
        properties.setProperty("user", arguments.get("user"));
        properties.setProperty("replication", "database");
        properties.setProperty("preferQueryMode", "simple");
        properties.setProperty("assumeMinServerVersion", "14");
        String url =
                "jdbc:postgresql://"
                        + arguments.get("host")
                        + ":"
                        + arguments.get("port")
                        + "/"
                        + arguments.get("db");
        try (Connection connection = DriverManager.getConnection(url, properties);
                PGReplicationStream stream = stream(connection, arguments)) {
            Outcome outcome = new Outcome(arguments);
            read(stream, new Tally(outcome));
            outcome.tell();
        }
    }

    private static PGReplicationStream stream(Connection connection, Arguments arguments)
            throws Exception {
        return connection
                .unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .logical()
                .withSlotName(arguments.get("slots"))
                .withSlotOption("proto_version", 1)
                .withSlotOption("publication_names", arguments.get("pub"))
                .withStatusInterval(1, TimeUnit.SECONDS)
                .start();
    }

    private static void read(PGReplicationStream stream, Tally tally) throws Exception {
        long confirmed = 0;
        while (!tally.over()) {
            ByteBuffer message = stream.read();
            tally.read(message, message.position());
            if (tally.end() != confirmed) {
                confirmed = tally.end();
                LogSequenceNumber end = LogSequenceNumber.valueOf(confirmed);
                stream.setFlushedLSN(end);
                stream.setAppliedLSN(end);
            }
        }
    }
}
