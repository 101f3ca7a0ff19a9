package dev.walmonitor.bench.debezium;

import dev.walmonitor.bench.consumer.Arguments;
import dev.walmonitor.bench.consumer.Outcome;
import io.debezium.embedded.Connect;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import io.debezium.engine.format.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * The embedded engine with a handler that does nothing: as it comes (JSON, record by record), or
 * {@code --tuned} (Connect's records, batch by batch, larger queues).
 */
public final class Engine {

    private Engine() {}

    public static void main(String[] words) throws Exception {
        Arguments arguments = new Arguments(words);
        boolean tuned = arguments.has("tuned");
        Outcome outcome = new Outcome(arguments);
        CountDownLatch over = new CountDownLatch(1);
        Changes changes = new Changes(outcome, over::countDown);
        Properties properties = properties(arguments);
        DebeziumEngine<?> engine =
                tuned ? batches(properties, changes) : records(properties, changes);
        Thread running = new Thread(engine, "engine");
        running.setDaemon(true);
        running.start();
        over.await();
        // Closing it takes seconds that nobody wants to measure; its threads would outlive main.
        System.exit(0);
    }

    private static Properties properties(Arguments arguments) throws IOException {
        Properties properties = new Properties();
        load(properties, "plain");
        if (arguments.has("tuned")) {
            load(properties, "tuned");
        }
        properties.setProperty("database.hostname", arguments.get("host"));
        properties.setProperty("database.port", arguments.get("port"));
        properties.setProperty("database.user", arguments.get("user"));
        properties.setProperty("database.dbname", arguments.get("db"));
        properties.setProperty("slot.name", arguments.get("slots"));
        properties.setProperty("publication.name", arguments.get("pub"));
        return properties;
    }

    private static void load(Properties properties, String name) throws IOException {
        try (InputStream in = Engine.class.getResourceAsStream(name + ".properties")) {
            properties.load(in);
        }
    }

    private static DebeziumEngine<?> records(Properties properties, Changes changes) {
        return DebeziumEngine.create(Json.class)
                .using(properties)
                .using(Engine::ended)
                .notifying((ChangeEvent<String, String> event) -> changes.json(event.value()))
                .build();
    }

    private static DebeziumEngine<?> batches(Properties properties, Changes changes) {
        return DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
                .using(properties)
                .using(Engine::ended)
                .notifying(
                        (List<RecordChangeEvent<SourceRecord>> batch,
                                DebeziumEngine.RecordCommitter<
                                                RecordChangeEvent<
                                                        org.apache.kafka.connect.source
                                                                .SourceRecord>>
                                        committer) -> {
                            for (var event : batch) {
                                changes.record(event.record());
                                committer.markProcessed(event);
                            }
                            committer.markBatchFinished();
                        })
                .build();
    }

    private static void ended(boolean success, String message, Throwable error) {
        if (!success) {
            System.err.println("Expected the engine to go on: " + message);
            System.exit(1);
        }
    }
}
