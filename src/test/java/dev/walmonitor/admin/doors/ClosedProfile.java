package dev.walmonitor.admin.doors;

import dev.walmonitor.monitor.FakePipelines;
import io.quarkus.elytron.security.common.BcryptUtil;
import io.quarkus.test.junit.QuarkusTestProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The application as in production: closed doors, every kind of credentials, made-up sources. */
public final class ClosedProfile implements QuarkusTestProfile {
    public static final String OPERATOR = "canary-of-the-operator-31c0";
    public static final String VIEWER = "canary-of-the-viewer-88ab";
    public static final String FROM_FILE = "canary-of-the-file-517f";
    public static final String HERE = "http://here:8080";

    @Override
    public Set<Class<?>> getEnabledAlternatives() {
        return Set.of(FakePipelines.class);
    }

    @Override
    public List<TestResourceEntry> testResources() {
        return List.of(new TestResourceEntry(Issuer.class));
    }

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.ofEntries(
                Map.entry("wal-monitor.doors.closed", "true"),
                Map.entry("wal-monitor.doors.failed-logins-per-minute", "1000000"),
                Map.entry("wal-monitor.doors.requests-per-second", "1000000"),
                Map.entry("wal-monitor.doors.users-file", users().toString()),
                Map.entry("wal-monitor.operator-password", OPERATOR),
                Map.entry("wal-monitor.viewer-password", VIEWER),
                Map.entry("wal-monitor.address", HERE),
                Map.entry("quarkus.http.auth.roles-mapping.admins", "operator"),
                Map.entry("wal-monitor.monitor.every", "50ms"),
                Map.entry("wal-monitor.monitor.sample-every", "50ms"));
    }

    private static Path users() {
        try {
            Path file = Files.createTempFile("users", ".txt");
            file.toFile().deleteOnExit();
            String hash = BcryptUtil.bcryptHash(FROM_FILE, 4);
            return Files.writeString(file, "anna:operator:" + hash + "\nben:viewer:" + hash);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
