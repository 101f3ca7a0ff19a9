package dev.walmonitor.source.postgres.spill;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;

/**
 * A file for records, each of a length (Int32) and that many bytes. Blocks; one call at a time.
 *
 * <p>It is unlinked as soon as it is open (on Windows, as soon as it is closed), readable by this
 * user alone until then, and gone with the process however that ends: there is nothing to clean up,
 * and nothing that two processes could mistake for their own.
 */
final class SpillFile implements AutoCloseable {
    /** How much is read at a time, unless one record is larger. */
    private static final int CHUNK = 256 << 10;

    private final FileChannel channel;

    private SpillFile(FileChannel channel) {
        this.channel = channel;
    }

    static SpillFile open(Path directory) throws IOException {
        return new SpillFile(
                FileChannel.open(
                        directory.resolve("wal-monitor-" + UUID.randomUUID() + ".spill"),
                        Set.of(
                                StandardOpenOption.CREATE_NEW,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.DELETE_ON_CLOSE),
                        ownersOnly(directory)));
    }

    private static FileAttribute<?>[] ownersOnly(Path directory) {
        boolean posix = directory.getFileSystem().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    /** Writes all of it, over what may stand there. */
    void write(ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    /**
     * Some whole records, at least one.
     *
     * @param from where a record begins
     * @param end where the last one ends, behind {@code from}
     */
    ByteBuffer records(long from, long end) throws IOException {
        ByteBuffer chunk = read(from, (int) Math.min(CHUNK, end - from));
        int first = Integer.BYTES + chunk.getInt(0);
        if (first > chunk.limit()) {
            return read(from, first);
        }
        int whole = 0;
        while (chunk.limit() - whole >= Integer.BYTES) {
            int next = whole + Integer.BYTES + chunk.getInt(whole);
            if (next > chunk.limit()) {
                break;
            }
            whole = next;
        }
        return chunk.limit(whole);
    }

    private ByteBuffer read(long from, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, from + bytes.position()) < 0) {
                throw new EOFException(
                        "Expected "
                                + length
                                + " bytes at "
                                + from
                                + " of a spill file, got "
                                + bytes.position());
            }
        }
        return bytes.flip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
