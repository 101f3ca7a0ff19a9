package dev.walmonitor.checker;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** Looks every 50 ms at what the server takes for confirmed, until it is interrupted. */
final class Sampler implements Runnable {
    private final Stage stage;
    private final Journal journal;

    Sampler(Stage stage, Journal journal) {
        this.stage = stage;
        this.journal = journal;
    }

    @Override
    public void run() {
        while (!Thread.currentThread().isInterrupted()) {
            try (Connection connection = stage.connect();
                    Statement statement = connection.createStatement()) {
                while (!Thread.currentThread().isInterrupted()) {
                    journal.add(new Journal.Entry.Sampled(stage.confirmedNow(statement)));
                    pause();
                }
            } catch (SQLException e) {
                pause(); // the server is gone for a while
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
