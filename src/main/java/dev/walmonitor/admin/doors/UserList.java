package dev.walmonitor.admin.doors;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The users of a file: a line each, {@code name:role:hash}; empty lines and those that begin with #
 * do not count. Hashes are bcrypt's, which {@code toString} of a user leaves out.
 */
record UserList(Map<String, User> users) {
    static final UserList NONE = new UserList(Map.of());
    private static final Pattern HASH = Pattern.compile("\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}");

    /** A line. */
    record User(Role role, String hash) {
        @Override
        public String toString() {
            return role.text();
        }
    }

    /** A file that cannot be read as one of users; the message names the line, never what it is. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        private MalformedException(int line, String expected) {
            super("line " + line + ": expected " + expected);
        }
    }

    static UserList parse(List<String> lines) throws MalformedException {
        Map<String, User> users = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                add(users, line, i + 1);
            }
        }
        return new UserList(Map.copyOf(users));
    }

    private static void add(Map<String, User> users, String line, int number)
            throws MalformedException {
        String[] parts = line.split(":", -1);
        if (parts.length != 3 || parts[0].isBlank()) {
            throw new MalformedException(number, "name:role:hash");
        }
        Optional<Role> role = Role.of(parts[1]);
        if (role.isEmpty()) {
            throw new MalformedException(number, "the role viewer or operator");
        }
        if (!HASH.matcher(parts[2]).matches()) {
            throw new MalformedException(number, "a hash of bcrypt, such as $2y$10$…");
        }
        // 2a, 2b and 2y are one algorithm, each named after another program's mistake.
        User user = new User(role.get(), "$2a$" + parts[2].substring(4));
        if (users.put(parts[0], user) != null) {
            throw new MalformedException(number, "another name, as this one was there before");
        }
    }
}
