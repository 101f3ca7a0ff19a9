package dev.walmonitor.sink.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {
    private static final Addresses DEFAULT = new Addresses(List.of());

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "127.0.0.1 | loopback",
                "127.255.255.254 | loopback",
                "10.0.0.0 | private",
                "10.255.255.255 | private",
                "172.16.0.1 | private",
                "172.31.255.255 | private",
                "192.168.1.1 | private",
                "169.254.169.254 | link-local, where clouds keep their metadata,",
                "100.64.0.1 | shared by a provider (CGNAT)",
                "100.100.100.200 | shared by a provider (CGNAT)",
                "100.127.255.255 | shared by a provider (CGNAT)",
                "168.63.129.16 | of a cloud's metadata",
                "224.0.0.1 | multicast",
                "239.255.255.255 | multicast",
                "0.0.0.0 | reserved",
                "192.0.0.192 | reserved",
                "192.0.2.1 | reserved",
                "198.19.255.255 | reserved",
                "255.255.255.255 | reserved",
                "::1 | loopback",
                ":: | reserved",
                "::7f00:1 | reserved",
                "fc00::1 | unique-local",
                "fd00:ec2::254 | unique-local",
                "fe80::1 | link-local",
                "fec0::1 | link-local",
                "ff02::1 | multicast",
                "2001::1 | reserved",
                "2001:db8::1 | reserved",
                "2002:7f00:1:: | reserved",
                "64:ff9b::7f00:1 | loopback",
                "64:ff9b::a9fe:a9fe | link-local, where clouds keep their metadata,",
                "64:ff9b:1::1 | reserved",
                "4000::1 | reserved",
            })
    void f69_addressesThatAreNotPublicAreRefused(String address, String what) {
        assertThat(DEFAULT.refusal(InetAddress.ofLiteral(address))).contains(what);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.1",
                "172.15.255.255",
                "172.32.0.0",
                "223.255.255.255",
                "2606:4700:4700::1111",
                "2a00:1450::1",
                "64:ff9b::101:101",
            })
    void publicAddressesAreNot(String address) {
        assertThat(DEFAULT.refusal(InetAddress.ofLiteral(address))).isEmpty();
    }

    @Test
    void anAddressOfIpv4InIpv6IsWhatItIs() throws UnknownHostException {
        byte[] mapped = new byte[16];
        mapped[10] = -1;
        mapped[11] = -1;
        mapped[12] = 10;
        InetAddress address =
                java.net.Inet6Address.getByAddress(null, mapped, -1); // the JDK keeps it as IPv6

        assertThat(DEFAULT.refusal(address)).contains("private");
        assertThat(new Addresses(List.of(Network.parse("10.0.0.0/8"))).refusal(address)).isEmpty();
    }

    @Test
    void whatTheOperatorAllowsIsNotRefused() {
        Addresses some = allowing("10.1.0.0/16", "::1", "fd00::/8", "192.168.0.128/25");

        assertThat(some.refusal(InetAddress.ofLiteral("10.1.255.255"))).isEmpty();
        assertThat(some.refusal(InetAddress.ofLiteral("10.2.0.0"))).contains("private");
        assertThat(some.refusal(InetAddress.ofLiteral("::1"))).isEmpty();
        assertThat(some.refusal(InetAddress.ofLiteral("fdff::1"))).isEmpty();
        assertThat(some.refusal(InetAddress.ofLiteral("fc00::1"))).contains("unique-local");
        assertThat(some.refusal(InetAddress.ofLiteral("192.168.0.128"))).isEmpty();
        assertThat(some.refusal(InetAddress.ofLiteral("192.168.0.127"))).contains("private");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "host/8", "::/129", "/8"})
    void aNetworkThatCannotBeReadIsTold(String text) {
        assertThatThrownBy(() -> Network.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "Expected a network such as 10.0.0.0/8 or fd00::/8, got \"");
    }

    @Test
    void everyAddressIsInTheNetworkOfAll() {
        assertThat(Network.parse("0.0.0.0/0").contains(new byte[] {1, 2, 3, 4})).isTrue();
        assertThat(Network.parse("0.0.0.0/0").contains(new byte[16])).isFalse();
    }

    private static Addresses allowing(String... networks) {
        return new Addresses(Arrays.stream(networks).map(Network::parse).toList());
    }
}
