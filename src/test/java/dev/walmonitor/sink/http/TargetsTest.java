package dev.walmonitor.sink.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetsTest {
    private static final Targets ANY = new Targets(Optional.empty(), Optional.empty());

    @ParameterizedTest
    @ValueSource(
            strings = {"ftp://a/b", "file:///etc/passwd", "gopher://a/", "//a/b", "/a", "http:a"})
    void otherSchemesAreRefused(String url) {
        assertThat(ANY.refusal(URI.create(url)))
                .contains(
                        "it is no http or https URL with a host; write one such as"
                                + " https://hooks.example.org/changes.");
    }

    @Test
    void aPasswordInTheAddressIsRefusedAndNotShown() {
        assertThat(ANY.refusal(URI.create("https://user:hush@a.example/")))
                .contains(
                        "it holds a user or a password; put them into a header, such as"
                                + " \"Authorization: Basic …\".");
    }

    @Test
    void aPortThatIsNoneIsRefused() {
        assertThat(ANY.refusal(URI.create("https://a.example:65536/")))
                .contains("its port is none; write one from 1 to 65535, or leave it out.");
        assertThat(ANY.refusal(URI.create("https://a.example:65535/"))).isEmpty();
    }

    @Test
    void onlyHostsOfTheListAreAllowedWhereThereIsOne() {
        Targets some =
                new Targets(
                        Optional.of(List.of("Hooks.example.org", "*.example.com")),
                        Optional.empty());

        assertThat(some.refusal(URI.create("https://hooks.EXAMPLE.org/x"))).isEmpty();
        assertThat(some.refusal(URI.create("https://a.b.example.com/x"))).isEmpty();
        for (String host : List.of("example.com", "evilexample.com", "example.org", "1.1.1.1")) {
            assertThat(some.refusal(URI.create("https://" + host + "/")))
                    .contains(
                            "its host "
                                    + host
                                    + " is not one of wal-monitor.webhooks.allowed-hosts; add it"
                                    + " there, or not.");
        }
        assertThat(some.refusal(URI.create("https://.example.com/"))).isPresent();
    }

    @Test
    void aListThatCannotBeReadAllowsNothing() {
        assertThat(
                        new Targets(Optional.of(List.of("https://a/")), Optional.empty())
                                .refusal(URI.create("https://a/")))
                .contains(
                        "wal-monitor.webhooks.allowed-hosts cannot be read. Expected a host such as"
                                + " hooks.example.org or *.example.com, got \"https://a/\".");
        assertThat(
                        new Targets(Optional.empty(), Optional.of(List.of("10/8/8")))
                                .refusal(URI.create("https://a/")))
                .contains(
                        "wal-monitor.webhooks.allowed-networks cannot be read. Expected a network"
                                + " such as 10.0.0.0/8 or fd00::/8, got \"10/8/8\".");
    }
}
