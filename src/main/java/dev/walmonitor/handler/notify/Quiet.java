package dev.walmonitor.handler.notify;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;

/** The hours of every day in which nobody is told anything; they may go over midnight. */
record Quiet(LocalTime from, LocalTime to, ZoneId zone) {

    /** When the quiet that this moment belongs to ends; empty if it belongs to none. */
    Optional<Instant> end(Instant now) {
        ZonedDateTime there = now.atZone(zone);
        LocalTime time = there.toLocalTime();
        boolean late = !time.isBefore(from);
        boolean early = time.isBefore(to);
        boolean overnight = to.isBefore(from);
        if (overnight ? !late && !early : !late || !early) {
            return Optional.empty();
        }
        LocalDate day = there.toLocalDate();
        LocalDate last = overnight && late ? day.plusDays(1) : day;
        return Optional.of(ZonedDateTime.of(last, to, zone).toInstant());
    }

    @Override
    public String toString() {
        return from + " to " + to + " " + zone;
    }
}
