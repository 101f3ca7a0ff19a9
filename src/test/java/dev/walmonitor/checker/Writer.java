package dev.walmonitor.checker;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;

/**
 * An application that writes: random transactions over one connection, until it is told to stop or
 * the time is up. What fails is rolled back; what was prepared is settled later.
 */
final class Writer implements Runnable {
    private final Stage stage;
    private final int number;
    private final Random random;
    private final long until;
    private final Deque<String> prepared = new ArrayDeque<>();
    private int gids;

    Writer(Stage stage, int number, Random random, Duration time) {
        this.stage = stage;
        this.number = number;
        this.random = random;
        this.until = System.nanoTime() + time.toNanos();
    }

    @Override
    public void run() {
        while (isTime()) {
            try (Connection connection = stage.connect()) {
                write(connection);
            } catch (SQLException e) {
                pause(50); // the server is gone for a while
            }
        }
    }

    private boolean isTime() {
        return System.nanoTime() < until && !Thread.currentThread().isInterrupted();
    }

    private void pause(int most) {
        try {
            Thread.sleep(random.nextInt(most + 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET search_path = " + stage.name());
            statement.execute("SET lock_timeout = '100ms'");
            Statements statements = new Statements(random, Stage.names(statement, stage.name()));
            while (isTime()) {
                try {
                    transaction(connection, statement, statements);
                } catch (SQLException e) {
                    giveUp(connection);
                }
                pause(random.nextInt(4) == 0 ? 30 : 4);
            }
        }
    }

    /** Fails if nobody is there any more. */
    private static void giveUp(Connection connection) throws SQLException {
        if (!connection.getAutoCommit()) {
            connection.rollback();
            connection.setAutoCommit(true);
        }
        if (!connection.isValid(5)) {
            throw new SQLException("The server is gone");
        }
    }

    private void transaction(Connection connection, Statement statement, Statements statements)
            throws SQLException {
        if (random.nextInt(4) == 0) {
            settle(statement);
        }
        if (random.nextInt(3) == 0) {
            statements.renamed(Stage.names(statement, stage.name()));
        }
        connection.setAutoCommit(false);
        int deeds = 1 + random.nextInt(6);
        for (int i = 0; i < deeds; i++) {
            deed(statement, statements);
        }
        end(connection, statement);
        connection.setAutoCommit(true);
    }

    private void deed(Statement statement, Statements statements) throws SQLException {
        switch (random.nextInt(24)) {
            case 0 -> statement.execute(statements.truncate());
            case 1 -> statement.execute(statements.shape());
            case 2 -> statement.execute(statements.noise());
            case 3, 4 -> {
                statement.execute("SAVEPOINT s");
                statement.execute(random.nextInt(4) == 0 ? statements.bulk() : statements.rows());
                statement.execute(statements.rows());
                statement.execute(
                        (random.nextInt(3) == 0 ? "RELEASE " : "ROLLBACK TO ") + "SAVEPOINT s");
            }
            case 5 ->
                    statement.execute(
                            random.nextInt(4) == 0 ? statements.bulk() : statements.rows());
            default -> statement.execute(statements.rows());
        }
    }

    private void end(Connection connection, Statement statement) throws SQLException {
        switch (random.nextInt(10)) {
            case 0 -> connection.rollback();
            case 1 -> {
                String gid = stage.name() + "." + number + "." + ++gids;
                prepared.add(gid);
                statement.execute("PREPARE TRANSACTION '" + gid + "'");
            }
            default -> connection.commit();
        }
    }

    /** One that could not be prepared, and one that somebody else has settled, is let be. */
    private void settle(Statement statement) throws SQLException {
        String gid = prepared.poll();
        if (gid != null) {
            statement.execute(
                    (random.nextInt(3) == 0 ? "ROLLBACK" : "COMMIT") + " PREPARED '" + gid + "'");
        }
    }
}
