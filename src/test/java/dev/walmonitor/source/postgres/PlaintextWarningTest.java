package dev.walmonitor.source.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.source.DatabaseUrl;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlaintextWarningTest {
    private static final DatabaseUrl URL = DatabaseUrl.parse("postgresql://app:canary@[::1]/shop");

    private final List<String> log = new ArrayList<>();

    @Test
    void isSaidOnceAndNamesWhatToSet() {
        PlaintextWarning warning = new PlaintextWarning("main", URL, "prod"::equals, log::add);
        warning.run();
        warning.run();

        assertThat(log)
                .containsExactly(
                        "Source main: the connection to [::1]:5432 is not encrypted, as the server has no TLS and sslmode=prefer takes what there is. Set ssl=on at the server and sslmode=verify-full in the source's URL, or sslmode=disable if plaintext is meant.");
    }

    @Test
    void isNotSaidInDevelopmentAndTests() {
        new PlaintextWarning("main", URL, "dev"::equals, log::add).run();
        new PlaintextWarning("main", URL, "test"::equals, log::add).run();

        assertThat(log).isEmpty();
    }
}
