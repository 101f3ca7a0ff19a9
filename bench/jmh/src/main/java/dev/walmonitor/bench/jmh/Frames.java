package dev.walmonitor.bench.jmh;

import dev.walmonitor.source.postgres.pgoutput.PgOutputDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A transaction of a workload as the server sends it: Begin, rows, Commit, one after the other in
 * one buffer, and the Relation that comes before the first.
 */
public final class Frames {
    /** Rows of a transaction. */
    public static final int ROWS = 100;

    private static final int OID = 16_400;
    private static final long COMMIT = 0x1_0000_0000L;
    private static final long TIME = 820_000_000_000_000L;

    /** What the rows are. */
    public enum Shape {
        /** INSERTs of six narrow columns. */
        W1,
        /** UPDATEs of rows of 1 KB, which are sent before and after. */
        W2
    }

    private final Shape shape;
    private final ByteBuf buffer = Unpooled.directBuffer();
    private final List<Integer> offsets = new ArrayList<>();
    private final int relation;

    public Frames(Shape shape) {
        this.shape = shape;
        relation();
        this.relation = buffer.writerIndex();
        begin();
        for (int i = 0; i < ROWS; i++) {
            row(i);
        }
        commit();
    }

    /** Lets a decoder know the table. */
    public void introduce(PgOutputDecoder decoder) {
        decoder.decode(buffer, 0, relation);
    }

    public ByteBuf buffer() {
        return buffer;
    }

    /** How many messages there are, without the Relation. */
    public int count() {
        return offsets.size();
    }

    /** Where a message begins. */
    public int offset(int message) {
        return offsets.get(message);
    }

    public int length(int message) {
        int end = message + 1 == count() ? buffer.writerIndex() : offset(message + 1);
        return end - offset(message);
    }

    private void relation() {
        boolean wide = shape == Shape.W2;
        buffer.writeByte('R').writeInt(OID);
        string("public");
        string(shape.name().toLowerCase(Locale.ROOT));
        buffer.writeByte(wide ? 'f' : 'd').writeShort(wide ? 7 : 6);
        column("id", 20, true);
        column("name", 25, wide);
        column("qty", 23, wide);
        column("amount", 1700, wide);
        column("created_at", 1184, wide);
        column("active", 16, wide);
        if (wide) {
            column("body", 25, true);
        }
    }

    private void column(String name, int type, boolean identity) {
        buffer.writeByte(identity ? 1 : 0);
        string(name);
        buffer.writeInt(type).writeInt(-1);
    }

    private void begin() {
        message('B').writeLong(COMMIT).writeLong(TIME).writeInt(700);
    }

    private void commit() {
        message('C').writeByte(0).writeLong(COMMIT).writeLong(COMMIT + 48).writeLong(TIME);
    }

    private void row(int id) {
        switch (shape) {
            case W1 -> {
                message('I').writeInt(OID);
                tuple('N', id, 6, id % 1000);
            }
            case W2 -> {
                message('U').writeInt(OID);
                tuple('O', id, 7, id % 1000);
                tuple('N', id, 7, id % 1000 + 1);
            }
        }
    }

    private void tuple(char kind, int id, int columns, int quantity) {
        buffer.writeByte(kind).writeShort(columns);
        text(Integer.toString(id));
        text(String.format(Locale.ROOT, "order of the customer with number %09d", id));
        text(Integer.toString(quantity));
        text(String.format(Locale.ROOT, "%.2f", id * 1.37));
        text(
                Instant.parse("2026-01-01T00:00:00.123456Z")
                        .plus(Duration.ofSeconds(id))
                        .toString()
                        .replace('T', ' ')
                        .replace("Z", "+00"));
        text(id % 3 == 0 ? "t" : "f");
        if (columns == 7) {
            text("0123456789abcdef".repeat(56));
        }
    }

    private ByteBuf message(char type) {
        offsets.add(buffer.writerIndex());
        return buffer.writeByte(type);
    }

    private void string(String text) {
        buffer.writeBytes(text.getBytes(StandardCharsets.UTF_8)).writeByte(0);
    }

    private void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        buffer.writeByte('t').writeInt(bytes.length).writeBytes(bytes);
    }
}
