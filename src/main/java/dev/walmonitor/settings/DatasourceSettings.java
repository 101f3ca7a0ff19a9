package dev.walmonitor.settings;

import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.DatabaseUrl.SslMode;
import dev.walmonitor.source.PercentEncoding;
import dev.walmonitor.source.SourceCredentials;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One database URL as the settings of Quarkus's default datasource, for the reactive client and for
 * the JDBC driver that Flyway uses. Both are told the same TLS mode, because their own defaults
 * differ.
 */
final class DatasourceSettings {
    static final String REACTIVE_URL = "quarkus.datasource.reactive.url";
    static final String JDBC_URL = "quarkus.datasource.jdbc.url";
    static final String USERNAME = "quarkus.datasource.username";
    static final String PASSWORD = "quarkus.datasource.password";

    static final String CREDENTIALS_PROVIDER = "quarkus.datasource.credentials-provider";
    static final String CREDENTIALS_PROVIDER_NAME = "quarkus.datasource.credentials-provider-name";

    /** Every name that {@link #of(DatabaseUrl)} may set. */
    static final Set<String> NAMES = Set.of(REACTIVE_URL, JDBC_URL, USERNAME, PASSWORD);

    private static final String REACTIVE = "quarkus.datasource.reactive.";

    private DatasourceSettings() {}

    static Map<String, String> of(DatabaseUrl url) {
        Map<String, String> settings = new TreeMap<>();
        settings.put(USERNAME, url.user());
        if (url.password() != null) {
            settings.put(PASSWORD, url.password().value());
        }
        String location =
                "postgresql://"
                        + url.hostInUrl()
                        + ":"
                        + url.port()
                        + "/"
                        + PercentEncoding.encode(url.database())
                        + "?sslmode="
                        + url.sslMode().word();
        settings.put(REACTIVE_URL, location);
        settings.put(JDBC_URL, "jdbc:" + location + jdbcTrust(url));
        settings.putAll(reactiveTrust(url));
        return settings;
    }

    /** For a source whose password is asked for: whoever connects asks as the source does. */
    static Map<String, String> ofSource(String source, DatabaseUrl url) {
        Map<String, String> settings = of(url);
        settings.put(CREDENTIALS_PROVIDER, source);
        settings.put(CREDENTIALS_PROVIDER_NAME, SourceCredentials.NAME);
        return settings;
    }

    /** The source's URL for a datasource that was configured in Quarkus's own words. */
    static String sourceUrl(String reactiveUrl, @Nullable String user, @Nullable String password) {
        String location = reactiveUrl.replaceFirst("^vertx-reactive:", "");
        int start = location.indexOf("://") + 3;
        if (start < 3 || user == null || location.substring(start).indexOf('@') >= 0) {
            return location;
        }
        String credentials =
                PercentEncoding.encode(user)
                        + (password == null ? "" : ":" + PercentEncoding.encode(password))
                        + "@";
        return location.substring(0, start) + credentials + location.substring(start);
    }

    private static Map<String, String> reactiveTrust(DatabaseUrl url) {
        Map<String, String> settings = new TreeMap<>();
        if (!verifies(url)) {
            return settings;
        }
        @Nullable String root = url.parameters().get("sslrootcert");
        if (root == null || root.equals("system")) {
            Path cacerts =
                    Path.of(System.getProperty("java.home", ""), "lib", "security", "cacerts");
            if (Files.exists(cacerts)) {
                settings.put(REACTIVE + "trust-certificate-jks", "true");
                settings.put(REACTIVE + "trust-certificate-jks.path", cacerts.toString());
                settings.put(REACTIVE + "trust-certificate-jks.password", "changeit");
            }
        } else {
            settings.put(REACTIVE + "trust-certificate-pem", "true");
            settings.put(REACTIVE + "trust-certificate-pem.certs", root);
        }
        if (url.sslMode() == SslMode.VERIFY_FULL) {
            settings.put(REACTIVE + "hostname-verification-algorithm", "HTTPS");
        }
        return settings;
    }

    private static String jdbcTrust(DatabaseUrl url) {
        if (!verifies(url)) {
            return "";
        }
        @Nullable String root = url.parameters().get("sslrootcert");
        return root == null || root.equals("system")
                ? "&sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory"
                : "&sslrootcert=" + PercentEncoding.encode(root);
    }

    private static boolean verifies(DatabaseUrl url) {
        return url.sslMode() == SslMode.VERIFY_CA || url.sslMode() == SslMode.VERIFY_FULL;
    }
}
