package dev.walmonitor.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OwnAddressTest {
    @Test
    void theAddressIsWhatIsConfiguredOrMadeOfHostAndPort() {
        assertThat(address(Map.of("wal-monitor.address", "https://one.example/")))
                .isEqualTo("https://one.example");
        assertThat(address(Map.of("quarkus.http.host", "127.0.0.1", "quarkus.http.port", "8181")))
                .isEqualTo("http://127.0.0.1:8181");
        assertThat(address(Map.of("quarkus.http.host", "0.0.0.0", "POD_IP", "10.0.3.7")))
                .isEqualTo("http://10.0.3.7:8080");
        assertThat(address(Map.of("POD_IP", "fd00::7"))).isEqualTo("http://[fd00::7]:8080");
        assertThat(address(Map.of("quarkus.http.host", "0.0.0.0")))
                .matches("http://[^/]+:8080")
                .doesNotContain("0.0.0.0");
    }

    private static String address(Map<String, String> settings) {
        return new OwnAddress(name -> Optional.ofNullable(settings.get(name))).address();
    }
}
