package dev.walmonitor.admin.command.terminal;

import java.io.Console;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Asks a person before something is done that cannot be undone. */
public final class Question {
    private static final Set<String> YES = Set.of("y", "yes");

    private Question() {}

    /**
     * Whether somebody who can be asked says yes.
     *
     * @param force he has said so already
     * @param err where to say that nobody can be asked
     * @return null if nobody can be asked
     */
    public static @Nullable Boolean isWanted(boolean force, String what, PrintWriter err) {
        if (force) {
            return true;
        }
        Optional<Console> console = Screen.console();
        if (console.isEmpty()) {
            err.println(what + " There is no terminal to ask on: add --force if it is meant.");
            err.flush();
            return null;
        }
        @Nullable String answer = console.get().readLine("%s Go on? [y/N] ", what);
        return answer != null && YES.contains(answer.strip().toLowerCase(Locale.ROOT));
    }
}
