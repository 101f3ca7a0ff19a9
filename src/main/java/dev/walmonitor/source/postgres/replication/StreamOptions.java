package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.ColumnPolicy;
import dev.walmonitor.source.Origin;
import java.nio.file.Path;

/**
 * In which form a source's stream comes.
 *
 * @param binary whether values travel in binary form
 * @param streaming whether transactions are sent while they are in progress
 * @param spillDirectory where these wait for their commit; must exist
 * @param spillLimit how many bytes of them may wait at the same time
 * @param columns what nobody may see
 */
public record StreamOptions(
        boolean binary,
        boolean streaming,
        Origin origin,
        Path spillDirectory,
        long spillLimit,
        ColumnPolicy columns) {

    /** Protocol 1: values as text, transactions when they are committed. */
    public static final StreamOptions DEFAULT =
            new StreamOptions(
                    false,
                    false,
                    Origin.ANY,
                    Path.of(System.getProperty("java.io.tmpdir", "/tmp")),
                    1L << 30,
                    ColumnPolicy.NONE);

    public StreamOptions {
        if (spillLimit <= 0) {
            throw new IllegalArgumentException(
                    "Expected a spill limit of at least 1 byte, got " + spillLimit);
        }
    }

    public StreamOptions withBinary(boolean other) {
        return new StreamOptions(other, streaming, origin, spillDirectory, spillLimit, columns);
    }

    public StreamOptions withStreaming(boolean other) {
        return new StreamOptions(binary, other, origin, spillDirectory, spillLimit, columns);
    }

    public StreamOptions withOrigin(Origin other) {
        return new StreamOptions(binary, streaming, other, spillDirectory, spillLimit, columns);
    }

    /**
     * @param limit in bytes, for all transactions together
     */
    public StreamOptions withSpill(Path directory, long limit) {
        return new StreamOptions(binary, streaming, origin, directory, limit, columns);
    }

    public StreamOptions withColumns(ColumnPolicy other) {
        return new StreamOptions(binary, streaming, origin, spillDirectory, spillLimit, other);
    }
}
