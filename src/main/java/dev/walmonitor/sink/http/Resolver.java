package dev.walmonitor.sink.http;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Looks up the addresses of a host. */
@FunctionalInterface
interface Resolver {

    /** At least one, the best first. Blocks. */
    InetAddress[] addresses(String host) throws UnknownHostException;
}
