package dev.walmonitor.sink.http;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Which addresses may be connected to. Immutable. */
final class Addresses {

    /**
     * @param what such as "loopback"
     */
    private record Refused(String what, List<Network> networks) {
        static Refused of(String what, String... networks) {
            return new Refused(what, Arrays.stream(networks).map(Network::parse).toList());
        }

        boolean contains(byte[] address) {
            return networks.stream().anyMatch(network -> network.contains(address));
        }
    }

    /** IANA's registries of special-purpose addresses, and where clouds keep their metadata. */
    private final List<Refused> v4 =
            List.of(
                    Refused.of("loopback", "127.0.0.0/8"),
                    Refused.of("private", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
                    Refused.of("link-local, where clouds keep their metadata,", "169.254.0.0/16"),
                    Refused.of("shared by a provider (CGNAT)", "100.64.0.0/10"),
                    Refused.of("of a cloud's metadata", "168.63.129.16"),
                    Refused.of("multicast", "224.0.0.0/4"),
                    Refused.of(
                            "reserved",
                            "0.0.0.0/8",
                            "192.0.0.0/24",
                            "192.0.2.0/24",
                            "192.88.99.0/24",
                            "198.18.0.0/15",
                            "198.51.100.0/24",
                            "203.0.113.0/24",
                            "240.0.0.0/4"));

    private final List<Refused> v6 =
            List.of(
                    Refused.of("loopback", "::1"),
                    Refused.of("unique-local", "fc00::/7"),
                    Refused.of("link-local", "fe80::/10", "fec0::/10"),
                    Refused.of("multicast", "ff00::/8"),
                    Refused.of("reserved", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"));

    private final Network globalUnicast = Network.parse("2000::/3");
    private final Network nat64 = Network.parse("64:ff9b::/96");
    private final List<Network> allowed;

    /**
     * @param allowed networks that may be reached whatever they are
     */
    Addresses(List<Network> allowed) {
        this.allowed = List.copyOf(allowed);
    }

    /** What is wrong with an address, such as "private"; empty if it may be connected to. */
    Optional<String> refusal(InetAddress address) {
        byte[] bytes = withoutMapping(address.getAddress());
        if (allowed.stream().anyMatch(network -> network.contains(bytes))) {
            return Optional.empty();
        }
        return bytes.length == 4 ? special(v4, bytes) : refusalOfV6(bytes);
    }

    private Optional<String> refusalOfV6(byte[] bytes) {
        if (nat64.contains(bytes)) {
            return special(v4, Arrays.copyOfRange(bytes, 12, 16));
        }
        Optional<String> special = special(v6, bytes);
        return special.isPresent() || globalUnicast.contains(bytes)
                ? special
                : Optional.of("reserved");
    }

    private static Optional<String> special(List<Refused> refused, byte[] bytes) {
        return refused.stream().filter(r -> r.contains(bytes)).map(Refused::what).findFirst();
    }

    /** An IPv4 address that is written as one of IPv6, {@code ::ffff:10.0.0.1}, is what it is. */
    private static byte[] withoutMapping(byte[] bytes) {
        boolean mapped = bytes.length == 16 && bytes[10] == -1 && bytes[11] == -1;
        for (int i = 0; i < 10 && mapped; i++) {
            mapped = bytes[i] == 0;
        }
        return mapped ? Arrays.copyOfRange(bytes, 12, 16) : bytes;
    }
}
