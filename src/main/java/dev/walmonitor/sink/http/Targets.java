package dev.walmonitor.sink.http;

import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The operator's word on where requests may go. Immutable. */
final class Targets {
    private static final String HOSTS = "wal-monitor.webhooks.allowed-hosts";
    private static final String NETWORKS = "wal-monitor.webhooks.allowed-networks";
    private static final Pattern HOST = Pattern.compile("(\\*\\.)?[a-z0-9._-]+|\\[?[0-9a-f:.]+]?");

    private final Optional<List<String>> hosts;
    private final Addresses addresses;
    private final Optional<String> fault;

    Targets(Optional<List<String>> allowedHosts, Optional<List<String>> allowedNetworks) {
        List<String> faults = new ArrayList<>();
        this.hosts = allowedHosts.map(all -> all.stream().map(h -> host(h, faults)).toList());
        List<Network> networks = new ArrayList<>();
        for (String network : allowedNetworks.orElse(List.of())) {
            try {
                networks.add(Network.parse(network.strip()));
            } catch (IllegalArgumentException e) {
                faults.add(NETWORKS + " cannot be read. " + e.getMessage() + ".");
            }
        }
        this.addresses = new Addresses(networks);
        this.fault = faults.stream().findFirst();
    }

    private static String host(String text, List<String> faults) {
        String host = text.strip().toLowerCase(Locale.ROOT);
        if (!HOST.matcher(host).matches()) {
            faults.add(
                    HOSTS
                            + " cannot be read. Expected a host such as hooks.example.org or"
                            + " *.example.com, got \""
                            + text
                            + "\".");
        }
        return host;
    }

    /** What is wrong with an address as it is written, and what mends it. */
    Optional<String> refusal(URI url) {
        if (fault.isPresent()) {
            return fault;
        }
        String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
        if ((!scheme.equals("http") && !scheme.equals("https")) || url.getHost() == null) {
            return Optional.of(
                    "it is no http or https URL with a host; write one such as"
                            + " https://hooks.example.org/changes.");
        }
        if (url.getRawUserInfo() != null) {
            return Optional.of(
                    "it holds a user or a password; put them into a header, such as \"Authorization:"
                            + " Basic …\".");
        }
        if (url.getPort() == 0 || url.getPort() > 65_535) {
            return Optional.of("its port is none; write one from 1 to 65535, or leave it out.");
        }
        String host = url.getHost().toLowerCase(Locale.ROOT);
        return isAllowed(host)
                ? Optional.empty()
                : Optional.of(
                        "its host " + host + " is not one of " + HOSTS + "; add it there, or not.");
    }

    private boolean isAllowed(String host) {
        return hosts.isEmpty() || hosts.get().stream().anyMatch(allowed -> matches(allowed, host));
    }

    private static boolean matches(String allowed, String host) {
        return allowed.startsWith("*.")
                ? host.endsWith(allowed.substring(1)) && host.length() >= allowed.length()
                : host.equals(allowed);
    }

    /** What is wrong with an address of a host, and what mends it. */
    Optional<String> refusal(String host, InetAddress address) {
        return addresses
                .refusal(address)
                .map(what ->
                        "its host "
                                + host
                                + " has the address "
                                + address.getHostAddress()
                                + ", which is "
                                + what
                                + " and refused; the operator can allow it with "
                                + NETWORKS
                                + ".");
    }
}
