package dev.walmonitor.monitor;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Where other instances reach the API of this one: {@code wal-monitor.address}; or else the host
 * that it listens on, the pod's IP or the machine's own, and the port.
 */
@Singleton
class OwnAddress {
    private static final Set<String> ANY = Set.of("0.0.0.0", "::", "");

    private final Function<String, Optional<String>> settings;

    @Inject
    OwnAddress() {
        this(name -> ConfigProvider.getConfig().getOptionalValue(name, String.class));
    }

    OwnAddress(Function<String, Optional<String>> settings) {
        this.settings = settings;
    }

    /** Without a slash at its end. Right once the service listens, as its port may be any. */
    String address() {
        return settings.apply("wal-monitor.address")
                .map(address -> address.replaceFirst("/+$", ""))
                .orElseGet(() ->
                        "http://"
                                + host()
                                + ":"
                                + settings.apply("quarkus.http.port").orElse("8080"));
    }

    private String host() {
        return settings.apply("quarkus.http.host")
                .filter(host -> !ANY.contains(host))
                .or(() -> settings.apply("POD_IP"))
                .map(host -> host.contains(":") ? "[" + host + "]" : host)
                .orElseGet(OwnAddress::machine);
    }

    private static String machine() {
        try {
            return InetAddress.getLocalHost().getHostAddress();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
