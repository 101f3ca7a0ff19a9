package dev.walmonitor.source.postgres.pgoutput;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/**
 * What a real server sent in CopyData messages, for every type of message and every version of the
 * protocol; {@code frames-18.hex} says in its first lines how it is written.
 */
final class CapturedFrames {
    private CapturedFrames() {}

    /**
     * One stream from its start.
     *
     * @param options with which it was asked for
     * @param frames in order, XLogData and keepalives
     */
    record Stream(String options, List<byte[]> frames) {}

    static List<Stream> streams() {
        List<Stream> streams = new ArrayList<>();
        for (String line : lines()) {
            if (line.startsWith("= ")) {
                streams.add(new Stream(line.substring(2), new ArrayList<>()));
            } else if (!line.startsWith("#")) {
                streams.getLast().frames().add(HexFormat.of().parseHex(line));
            }
        }
        return streams;
    }

    private static List<String> lines() {
        try (InputStream in =
                        Objects.requireNonNull(
                                CapturedFrames.class.getResourceAsStream("frames-18.hex"));
                BufferedReader reader =
                        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return reader.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
