package dev.walmonitor.source.postgres;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Hears what Netty's leak detector reports while it is open. Buffers of {@link #buffer} are watched
 * at level paranoid, which is slow.
 */
public final class Leaks extends Handler implements AutoCloseable {
    private final Logger logger = Logger.getLogger(ResourceLeakDetector.class.getName());
    private final ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();
    private final boolean loud = logger.getUseParentHandlers();
    private final List<String> reports = Collections.synchronizedList(new ArrayList<>());

    public Leaks() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        logger.setUseParentHandlers(false);
        logger.addHandler(this);
    }

    /** A pooled buffer outside of the heap, as the network's. */
    public static ByteBuf buffer(byte[] bytes) {
        return PooledByteBufAllocator.DEFAULT.directBuffer(bytes.length).writeBytes(bytes);
    }

    /** What was reported so far. A leak is found when its buffer has been collected. */
    public List<String> reports() {
        System.gc();
        for (int i = 0; i < 100; i++) {
            var _ = buffer(new byte[1]).release();
        }
        return List.copyOf(reports);
    }

    @Override
    public void publish(LogRecord report) {
        reports.add(String.valueOf(report.getMessage()));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(loud);
        ResourceLeakDetector.setLevel(before);
    }
}
