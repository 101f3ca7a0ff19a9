package dev.walmonitor.sink.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Of the addresses of a host, those that may be connected to.
 *
 * @param allowed in the order in which they were found
 * @param refusal why there is none; empty if there is one
 */
record Choice(List<InetAddress> allowed, Optional<String> refusal) {

    static Choice of(String host, InetAddress[] addresses, Targets targets) {
        List<InetAddress> allowed = new ArrayList<>();
        Optional<String> refusal = Optional.empty();
        for (InetAddress address : addresses) {
            Optional<String> against = targets.refusal(host, address);
            if (against.isEmpty()) {
                allowed.add(withoutName(address));
            } else if (refusal.isEmpty()) {
                refusal = against;
            }
        }
        return new Choice(allowed, allowed.isEmpty() ? refusal : Optional.empty());
    }

    /** Nobody can look the name up again. */
    private static InetAddress withoutName(InetAddress address) {
        try {
            return InetAddress.getByAddress(address.getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("Expected an address of 4 or 16 bytes", e);
        }
    }
}
