package dev.walmonitor.monitor;

import dev.walmonitor.change.Position;
import io.vertx.mutiny.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * What is to be written into a monitor row. A field that is not given stays as it is.
 *
 * @param lsn the furthest position that the source has sent
 * @param position the same as a number of bytes
 * @param received when the last byte came
 * @param transaction when the last transaction that came was committed
 * @param lagBytes not negative
 * @param status ACTIVE in a new row if it is not given; never null if it is
 */
public record MonitorUpdate(
        Field<String> lsn,
        Field<Long> position,
        Field<Instant> received,
        Field<Instant> transaction,
        Field<String> slot,
        Field<Long> lagBytes,
        Field<MonitorStatus> status,
        Field<String> error) {

    /**
     * One field.
     *
     * @param given whether it is to be written
     * @param value null clears it
     */
    public record Field<T>(boolean given, @Nullable T value) {
        public static <T> Field<T> of(@Nullable T value) {
            return new Field<>(true, value);
        }

        public static <T> Field<T> absent() {
            return new Field<>(false, null);
        }
    }

    /** All of it. */
    static MonitorUpdate of(Sighting sighting) {
        Position position = sighting.position();
        return new MonitorUpdate(
                Field.of(position == null ? null : position.text()),
                Field.of(position == null ? null : position.number()),
                Field.of(sighting.lastReceived()),
                Field.of(sighting.lastTransaction()),
                Field.of(sighting.slot()),
                Field.of(sighting.lagBytes()),
                Field.of(sighting.status()),
                Field.of(sighting.error()));
    }

    Tuple values(int sourceId) {
        MonitorStatus state = status.value();
        return Tuple.tuple()
                .addInteger(sourceId)
                .addBoolean(lsn.given())
                .addString(lsn.value())
                .addBoolean(position.given())
                .addLong(position.value())
                .addBoolean(received.given())
                .addValue(time(received))
                .addBoolean(transaction.given())
                .addValue(time(transaction))
                .addBoolean(slot.given())
                .addString(slot.value())
                .addBoolean(lagBytes.given())
                .addLong(lagBytes.value())
                .addBoolean(status.given())
                .addString(state == null ? null : state.name())
                .addBoolean(error.given())
                .addString(error.value());
    }

    private static @Nullable OffsetDateTime time(Field<Instant> field) {
        Instant value = field.value();
        return value == null ? null : value.atOffset(ZoneOffset.UTC);
    }
}
