package dev.walmonitor.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LsnTest {

    @ParameterizedTest
    @CsvSource({
        "0/0, 0",
        "0/1526140, 22176064",
        "16/B374D848, 97500059720",
        "7FFFFFFF/FFFFFFFF, 9223372036854775807",
        "80000000/0, -9223372036854775808",
        "FFFFFFFF/FFFFFFFF, -1"
    })
    void f57_textAndNumberAreTheSamePlace(String text, long value) {
        assertThat(Lsn.parse(text)).isEqualTo(new Lsn(value));
        assertThat(new Lsn(value).text()).isEqualTo(text);
        assertThat(new Lsn(value)).hasToString(text);
        assertThat(new Lsn(value).number()).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "0/01526140, 0/1526140",
        "00000016/B374D848, 16/B374D848",
        "16/b374d848, 16/B374D848",
        "0/00000000, 0/0"
    })
    void f57_leadingZerosAndSmallLettersAreRead(String padded, String text) {
        assertThat(Lsn.parse(padded).text()).isEqualTo(text);
    }

    @Test
    void f57_everyPlaceComesBackFromItsText() {
        long seed = new SplittableRandom().nextLong();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 100_000; i++) {
            // Of every size, so that high, low and zero halves all come up.
            Lsn lsn = new Lsn(random.nextLong() >>> random.nextInt(Long.SIZE));
            assertThat(Lsn.parse(lsn.text())).as("seed %d", seed).isEqualTo(lsn);
            assertThat(Lsn.parse(padded(lsn))).as("seed %d", seed).isEqualTo(lsn);
        }
    }

    /** A record ends before a page's header or behind something that follows it. */
    @ParameterizedTest
    @CsvSource({
        "0/2000, 0/2000",
        "0/2001, 0/2000",
        "0/2018, 0/2000",
        "0/2020, 0/2020",
        "0/3FF8, 0/3FF8",
        "FFFFFFFF/FFFFE018, FFFFFFFF/FFFFE000"
    })
    void noRecordEndsWithinTheHeaderOfAPage(String place, String end) {
        assertThat(Lsn.parse(place).endOfRecord()).isEqualTo(Lsn.parse(end));
    }

    @Test
    void f57_placesAreComparedWithoutASign() {
        Lsn[] ascending = {
            Lsn.ZERO,
            Lsn.parse("0/7FFFFFFF"),
            Lsn.parse("0/80000000"),
            Lsn.parse("0/FFFFFFFF"),
            Lsn.parse("1/0"),
            Lsn.parse("7FFFFFFF/FFFFFFFF"),
            Lsn.parse("80000000/0"),
            Lsn.parse("FFFFFFFF/FFFFFFFF")
        };
        for (int i = 0; i < ascending.length; i++) {
            for (int j = 0; j < ascending.length; j++) {
                assertThat(Integer.signum(ascending[i].compareTo(ascending[j])))
                        .isEqualTo(Integer.compare(i, j));
                assertThat(ascending[i].isAfter(ascending[j])).isEqualTo(i > j);
                assertThat(Position.later(ascending[i], ascending[j]))
                        .isEqualTo(ascending[Math.max(i, j)]);
            }
        }
    }

    @Test
    void distanceIsCountedInBytes() {
        assertThat(Lsn.parse("1/10").bytesSince(Lsn.parse("0/FFFFFFF0"))).isEqualTo(32);
        assertThat(Lsn.parse("80000000/8").bytesSince(Lsn.parse("7FFFFFFF/FFFFFFF8")))
                .isEqualTo(16);
        assertThat(Lsn.parse("0/8").bytesSince(Lsn.parse("0/10"))).isEqualTo(-8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "/",
                "0/",
                "/0",
                "0/0/0",
                "0x1/0",
                "-1/0",
                "123456789/0",
                "0/123456789",
                "g/0",
                " 0/0",
                "0/0 ",
                "0/0\n"
            })
    void f57_anythingElseIsRefusedAndNeverTheStartOfTheLog(String text) {
        assertThatThrownBy(() -> Lsn.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Expected an LSN such as 16/B374D848, two hexadecimal numbers of up to 8"
                                + " digits, got \""
                                + text
                                + "\"");
    }

    /** As PostgreSQL 19 prints it. */
    private static String padded(Lsn lsn) {
        return "%X/%08X".formatted(lsn.value() >>> 32, lsn.value() & 0xFFFF_FFFFL);
    }
}
