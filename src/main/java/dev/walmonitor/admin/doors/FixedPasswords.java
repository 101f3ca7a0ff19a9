package dev.walmonitor.admin.doors;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The users {@code operator} and {@code viewer}, whose passwords stand in the environment. Keeps
 * digests only, and compares them in constant time.
 */
final class FixedPasswords {
    private final Map<Role, byte[]> digests = new EnumMap<>(Role.class);

    FixedPasswords(Optional<String> operator, Optional<String> viewer) {
        operator.filter(password -> !password.isBlank())
                .ifPresent(password -> digests.put(Role.OPERATOR, digest(password)));
        viewer.filter(password -> !password.isBlank())
                .ifPresent(password -> digests.put(Role.VIEWER, digest(password)));
    }

    boolean isEmpty() {
        return digests.isEmpty();
    }

    /** Whether the name is one of those whose password is set here. */
    boolean knows(String name) {
        return Role.of(name).filter(digests::containsKey).isPresent();
    }

    Optional<Visitor> visitor(String name, String password) {
        byte[] given = digest(password);
        return Role.of(name)
                .filter(role -> {
                    byte[] expected = digests.get(role);
                    return expected != null && MessageDigest.isEqual(expected, given);
                })
                .map(role -> new Visitor(name, role));
    }

    /** Whose passwords are set. */
    String names() {
        return digests.keySet().stream().map(Role::text).collect(Collectors.joining(" and "));
    }

    private static byte[] digest(String password) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(password.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
