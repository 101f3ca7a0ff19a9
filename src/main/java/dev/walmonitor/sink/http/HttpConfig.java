package dev.walmonitor.sink.http;

import io.smallrye.config.ConfigMapping;
import java.util.List;
import java.util.Optional;

/** Where webhooks and messages may go: the operator's word, whatever rules say. */
@ConfigMapping(prefix = "wal-monitor.webhooks")
public interface HttpConfig {

    /** Hosts such as {@code hooks.example.org} and {@code *.example.com}; default: every one. */
    Optional<List<String>> allowedHosts();

    /**
     * Networks such as {@code 10.0.0.0/8} that may be reached although their addresses are private,
     * local or reserved; default: none.
     */
    Optional<List<String>> allowedNetworks();
}
