package dev.walmonitor.admin.doors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The file of users, read again when it has changed; what cannot be read leaves the users as they
 * were. Blocks. Thread-safe.
 */
final class UsersFile {
    private static final Logger LOG = Logger.getLogger(UsersFile.class);

    private final Path path;
    private @Nullable Look seen;
    private UserList users = UserList.NONE;

    /** By what a change of the file is noticed. */
    private record Look(FileTime time, long size, @Nullable Object key) {}

    UsersFile(Path path) {
        this.path = path;
    }

    Path path() {
        return path;
    }

    /**
     * Reads it for the first time.
     *
     * @return what is wrong with it; null if nothing is
     */
    synchronized @Nullable String fault() {
        try {
            users = read();
            seen = look();
            return null;
        } catch (IOException e) {
            return "The file of users " + path + " cannot be read: " + e.getClass().getSimpleName();
        } catch (UserList.MalformedException e) {
            return "The file of users " + path + ", " + e.getMessage() + ".";
        }
    }

    /** The users as the file has them now. */
    synchronized UserList users() {
        try {
            Look now = look();
            if (!now.equals(seen)) {
                seen = now;
                users = read();
                LOG.infof("Users: %d are read from %s.", users.users().size(), path);
            }
        } catch (IOException e) {
            if (seen != null) {
                LOG.errorf(
                        "The file of users %s cannot be read; its users stay as they were.", path);
            }
            seen = null;
        } catch (UserList.MalformedException e) {
            LOG.errorf(
                    "The file of users %s, %s; its users stay as they were.", path, e.getMessage());
        }
        return users;
    }

    private UserList read() throws IOException, UserList.MalformedException {
        return UserList.parse(Files.readAllLines(path));
    }

    private Look look() throws IOException {
        BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
        return new Look(now.lastModifiedTime(), now.size(), now.fileKey());
    }
}
