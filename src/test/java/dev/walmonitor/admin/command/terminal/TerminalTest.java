package dev.walmonitor.admin.command.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TerminalTest {

    @Test
    void aColumnIsAsWideAsItHasToBe() {
        Table table = new Table("NAME", "N");
        assertThat(table.isEmpty()).isTrue();
        table.row("roles", "12");
        table.row("x", "3");

        assertThat(table.lines()).containsExactly("NAME   N", "roles  12", "x      3");
        assertThatThrownBy(() -> table.row("one"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Expected 2 cells, got 1");
    }

    @Test
    void amountsAreToldInTheUnitThatPeopleRead() {
        assertThat(Figures.bytes(0)).isEqualTo("0 B");
        assertThat(Figures.bytes(1023)).isEqualTo("1023 B");
        assertThat(Figures.bytes(16L << 20)).isEqualTo("16.0 MiB");
        assertThat(Figures.bytes(Long.MAX_VALUE)).isEqualTo("8192.0 PiB");
        assertThat(Figures.duration(Duration.ofMillis(999))).isEqualTo("999ms");
        assertThat(Figures.duration(Duration.ofSeconds(59))).isEqualTo("59s");
        assertThat(Figures.duration(Duration.ofSeconds(3599))).isEqualTo("59m");
        assertThat(Figures.duration(Duration.ofHours(23))).isEqualTo("23h");
        assertThat(Figures.duration(Duration.ofDays(3))).isEqualTo("3d");
        Instant now = Instant.parse("2026-11-21T12:00:00Z");
        assertThat(Figures.ago(now.plusSeconds(5), now)).isEqualTo("0ms");
    }

    @Test
    void aBarGrowsAndNothingIsShownWhereThereIsNoTerminal() {
        assertThat(Progress.bar(0)).isEqualTo("[" + "-".repeat(30) + "]");
        assertThat(Progress.bar(0.5)).isEqualTo("[" + "#".repeat(15) + "-".repeat(15) + "]");
        assertThat(Progress.bar(7)).isEqualTo("[" + "#".repeat(30) + "]");
        StringWriter out = new StringWriter();
        Progress progress = new Progress(new PrintWriter(out), false);
        progress.show(1, "all");
        progress.end();
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void whereNobodyCanBeAskedNothingIsWanted() {
        StringWriter err = new StringWriter();
        assertThat(Question.isWanted(true, "It is gone.", new PrintWriter(err))).isTrue();
        assertThat(err.toString()).isEmpty();
    }
}
