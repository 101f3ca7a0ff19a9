package dev.walmonitor.handler.json;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {

    @ParameterizedTest
    @CsvSource(
            delimiterString = "⇒",
            quoteCharacter = '~',
            value = {
                "{}⇒{}",
                "[ ]⇒[]",
                "{\"b\":1,\"a\" : [1,2 ,{}],\"b\":2}⇒{\"a\": [1, 2, {}], \"b\": 2}",
                "{\"aa\":1,\"é\":2,\"b\":3,\"zzz\":4}⇒{\"b\": 3, \"aa\": 1, \"é\": 2, \"zzz\": 4}",
                "[1e5,-0,-0.00,1.5e1,1.50e1,1E-5,0e10,0e-3]⇒[100000, 0, 0.00, 15, 15.0, 0.00001, 0, 0.000]",
                "\"\\u00e9\\ud83e\\udd89\\/\\b\\u007f\\u0001\"⇒\"é🦉/\\b\u007f\\u0001\"",
                "true⇒true",
                "~ null ~⇒null"
            })
    void looksAsJsonbPrintsIt(String json, String jsonb) {
        assertThat(normal(json)).isEqualTo(jsonb);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\\u0000\"",
                "\"\\ud83e\"",
                "\"\\udd89\"",
                "\"\\ud83e\\u0041\"",
                "1e1000000",
                "1e-2000000000",
                "1e99999999999",
                "",
                "{",
                "[1",
                "[1,]",
                "{1:2}",
                "\"a",
                "\"\\",
                "\"\\u12",
                "nul",
                "1 2",
                "***",
                "--",
                "+1",
                "1.",
                "1-2",
                "e5"
            })
    void isNotWrittenWhereItsLooksAreNotSure(String json) {
        assertThat(normal(json)).isEqualTo("not written");
    }

    @Test
    void isNotWrittenWhereItIsTooDeep() {
        assertThat(normal("[".repeat(100_000))).isEqualTo("not written");
        assertThat(normal("[".repeat(400) + "]".repeat(400))).hasSize(800);
    }

    private static String normal(String json) {
        StringBuilder out = new StringBuilder();
        return JsonText.append(out, json) ? out.toString() : "not written";
    }
}
