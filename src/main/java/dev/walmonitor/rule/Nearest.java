package dev.walmonitor.rule;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** The name that somebody probably meant. */
public final class Nearest {

    private Nearest() {}

    /** The known name with the fewest letters different, if that is few enough to be a slip. */
    public static Optional<String> to(String meant, Collection<String> known) {
        String nearest = null;
        int least = Math.max(1, meant.length() / 3) + 1;
        for (String name : known) {
            int distance = distance(meant.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
            if (distance < least) {
                least = distance;
                nearest = name;
            }
        }
        return Optional.ofNullable(nearest);
    }

    /** A sentence that helps: the near name, or all there are. */
    public static String hint(String meant, Collection<String> known) {
        return to(meant, known)
                .map(name -> "did you mean \"" + name + "\"?")
                .orElseGet(() -> "there is: " + String.join(", ", known) + ".");
    }

    /** Letters to insert, leave out, replace or swap with their neighbour. */
    private static int distance(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(last[j], row[j - 1]) + 1);
                if (i > 1
                        && j > 1
                        && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            beforeLast = last;
            last = row;
        }
        return last[b.length()];
    }
}
