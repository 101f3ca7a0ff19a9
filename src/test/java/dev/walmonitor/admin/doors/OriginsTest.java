package dev.walmonitor.admin.doors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OriginsTest {
    private final Origins origins = new Origins(List.of("https://Board.example.com:443"));

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, monitor:8080, false",
                "http://monitor:8080, monitor:8080, false",
                "http://MONITOR:8080, Monitor:8080, false",
                "https://monitor, monitor:443, false",
                "http://monitor:80, monitor, false",
                "https://board.example.com, monitor:8080, false",
                "http://board.example.com, monitor:8080, true",
                "http://monitor:8081, monitor:8080, true",
                "http://monitor.evil.example, monitor, true",
                "http://evil.example, monitor:8080, true",
                "null, monitor:8080, true",
                "null, null, true",
                "'', monitor:8080, true",
                "http://monitor, -, true"
            })
    void f70_aPageOfSomebodyElseIsForeign(String origin, String host, boolean foreign) {
        assertThat(origins.isForeign(origin, host)).isEqualTo(foreign);
    }
}
