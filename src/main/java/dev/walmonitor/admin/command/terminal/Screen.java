package dev.walmonitor.admin.command.terminal;

import java.io.Console;
import java.util.Optional;

/** The terminal before which a person sits, if there is one. */
public final class Screen {

    private Screen() {}

    /** Whether there is one to write to and to ask on. */
    public static boolean isThere() {
        return console().isPresent();
    }

    static Optional<Console> console() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal);
    }
}
