package dev.walmonitor.monitor;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * Where the monitor database is, as it may be shown: no password, no parameters.
 *
 * @param server host and port
 * @param user the user that connects
 */
public record DatabaseAddress(String server, String database, String user) {

    /** Reads a datasource's URL. What cannot be read is not shown. */
    static DatabaseAddress of(String url, String user) {
        try {
            URI uri = new URI(url.replaceFirst("^(jdbc|vertx-reactive):", ""));
            if (uri.getHost() != null) {
                String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
                return new DatabaseAddress(
                        uri.getHost() + port, uri.getPath().replaceFirst("^/", ""), user);
            }
        } catch (URISyntaxException e) {
            // it may hold a secret, and so may the message
        }
        return new DatabaseAddress("an unknown place", "", user);
    }

    @Override
    public String toString() {
        return database.isEmpty() ? server : server + "/" + database;
    }
}
