package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeriesTest {
    private static Series of(double... values) {
        List<Double> list = Arrays.stream(values).boxed().toList();
        return new Series(
                "heap", IntStream.range(0, values.length).mapToObj(i -> i * 10.0).toList(), list);
    }

    @Test
    void aRiseIsThatOfTheStraightLine() {
        assertThat(of(1, 2, 3, 4).rise()).isEqualTo(3, within(1e-9));
        assertThat(of(5, 5, 5, 5).rise()).isEqualTo(0, within(1e-9));
        assertThat(of(4, 8, 4, 8, 4, 8).rise()).isLessThan(2);
        assertThat(of(7).rise()).isZero();
    }

    @Test
    void theFirstHalfDoesNotCount() {
        assertThat(of(1, 100, 200, 5, 5, 5).lastHalf())
                .isEqualTo(new Series("heap", List.of(30.0, 40.0, 50.0), List.of(5.0, 5.0, 5.0)));
    }

    @Test
    void aGraphIsDrawnFromZero() {
        assertThat(Graph.svg("A soak", List.of(of(0, 10))))
                .startsWith("<svg xmlns=\"http://www.w3.org/2000/svg\"")
                .contains(">A soak</text>")
                .contains(">0 to 10.00</text>")
                .contains("points=\"150.0,160.0 1050.0,50.0 \"/>")
                .endsWith("</svg>\n");
    }
}
