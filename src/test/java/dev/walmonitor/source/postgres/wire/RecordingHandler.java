package dev.walmonitor.source.postgres.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Keeps all that a COPY brings, a character for each byte. */
final class RecordingHandler implements CopyHandler {
    final List<String> payloads = Collections.synchronizedList(new ArrayList<>());
    final List<ServerMessage> notices = new CopyOnWriteArrayList<>();
    final AtomicInteger reads = new AtomicInteger();
    final AtomicInteger endings = new AtomicInteger();
    private final CompletableFuture<Optional<WireException>> ended = new CompletableFuture<>();
    private volatile Consumer<String> onPayload = _ -> {};

    /** Runs within {@link #copyData}, after the payload was kept. */
    void onPayload(Consumer<String> runs) {
        onPayload = runs;
    }

    @Override
    public void copyData(ByteBuf frame, int offset, int length) {
        String payload = frame.toString(offset, length, StandardCharsets.ISO_8859_1);
        payloads.add(payload);
        onPayload.accept(payload);
    }

    @Override
    public void readComplete() {
        reads.incrementAndGet();
    }

    @Override
    public void notice(ServerMessage message) {
        notices.add(message);
    }

    @Override
    public void ended(@Nullable WireException cause) {
        endings.incrementAndGet();
        ended.complete(Optional.ofNullable(cause));
    }

    /** How the COPY ended; empty if in good order. */
    Optional<WireException> awaitEnd() throws Exception {
        return ended.get(15, TimeUnit.SECONDS);
    }
}
