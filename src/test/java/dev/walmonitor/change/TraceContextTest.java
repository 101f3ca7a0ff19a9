package dev.walmonitor.change;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
    private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static @Nullable TraceContext parse(String text) {
        return TraceContext.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aTraceparentIsTakenApart() {
        TraceContext place = Objects.requireNonNull(parse(PARENT));

        assertThat(place).isEqualTo(new TraceContext(PARENT, null));
        assertThat(place.traceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(place.parentId()).isEqualTo("b7ad6b7169203331");
        assertThat(place.flags()).isEqualTo("01");
    }

    @Test
    void aSecondLineIsTheTracestate() {
        assertThat(parse(PARENT + "\nrojo=00f067aa0ba902b7,congo=t61\n"))
                .isEqualTo(new TraceContext(PARENT, "rojo=00f067aa0ba902b7,congo=t61"));
        assertThat(parse(PARENT + "\r\nrojo=1")).isEqualTo(new TraceContext(PARENT, "rojo=1"));
    }

    @Test
    void aTracestateThatCouldNotStandInAHeaderIsLeftOut() {
        assertThat(parse(PARENT + "\nrojo=1\r\nx-forged: 1"))
                .isEqualTo(new TraceContext(PARENT, null));
        assertThat(parse(PARENT + "\nrojo=\u00e4")).isEqualTo(new TraceContext(PARENT, null));
        assertThat(parse(PARENT + "\n" + "x".repeat(513)))
                .isEqualTo(new TraceContext(PARENT, null));
    }

    @Test
    void ofALaterVersionWhatThisOneKnowsIsTaken() {
        assertThat(parse("cc" + PARENT.substring(2) + "-what-comes-then"))
                .isEqualTo(new TraceContext(PARENT, null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
                "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
                "x00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
            })
    void anythingElseIsNoPlaceInATrace(String text) {
        assertThat(parse(text)).isNull();
    }

    @Test
    void aTextThatIsTooLongIsNotEvenRead() {
        assertThat(TraceContext.parse(new byte[1 << 20])).isNull();
        assertThat(parse(PARENT + "\n" + "x".repeat(2_000))).isNull();
    }
}
