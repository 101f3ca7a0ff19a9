package dev.walmonitor.admin.doors;

import io.quarkus.elytron.security.common.BcryptUtil;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Knows the users of a file by their passwords. A hash costs tens of milliseconds on purpose, so
 * who was right is remembered, under a key that ends with the process. Blocks. Thread-safe.
 */
final class FileUsers {
    private static final int REMEMBERED = 1_000;

    /** Somebody who is not there has to take as long as somebody who is. */
    private static final String NOBODY = BcryptUtil.bcryptHash("nobody");

    private final UsersFile file;
    private final SecretKeySpec key = key();
    private final Map<String, String> right =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
                    return size() > REMEMBERED;
                }
            };

    FileUsers(UsersFile file) {
        this.file = file;
    }

    Optional<Visitor> visitor(String name, String password) {
        UserList.User user = file.users().users().get(name);
        if (user == null) {
            var _ = BcryptUtil.matches(password, NOBODY);
            return Optional.empty();
        }
        String token = token(name, password);
        return isRight(token, user.hash(), password)
                ? Optional.of(new Visitor(name, user.role()))
                : Optional.empty();
    }

    /** What is remembered counts only as long as the user's hash is the same. */
    private boolean isRight(String token, String hash, String password) {
        synchronized (right) {
            if (hash.equals(right.get(token))) {
                return true;
            }
        }
        if (!BcryptUtil.matches(password, hash)) {
            return false;
        }
        synchronized (right) {
            right.put(token, hash);
        }
        return true;
    }

    private String token(String name, String password) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            byte[] text = (name + "\0" + password).getBytes(StandardCharsets.UTF_8);
            return Base64.getEncoder().encodeToString(mac.doFinal(text));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SecretKeySpec key() {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        return new SecretKeySpec(random, "HmacSHA256");
    }
}
