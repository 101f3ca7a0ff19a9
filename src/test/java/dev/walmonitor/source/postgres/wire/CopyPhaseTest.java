package dev.walmonitor.source.postgres.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.source.postgres.wire.WireException.ConnectionLost;
import dev.walmonitor.source.postgres.wire.WireException.ProtocolViolation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever comes in whatever order, the promises of {@link CopyHandler} hold. */
class CopyPhaseTest {
    private static final ServerMessage ERROR =
            ServerMessage.of(Map.of('V', "ERROR", 'C', "42704", 'M', "gone"));
    private static final List<BackendMessage> MESSAGES =
            List.of(
                    new BackendMessage.AuthenticationOk(),
                    new BackendMessage.ParameterStatus("a", "b"),
                    new BackendMessage.NoticeResponse(ERROR),
                    new BackendMessage.RowDescription(List.of()),
                    new BackendMessage.CommandComplete("COPY 0"),
                    new BackendMessage.ErrorResponse(ERROR),
                    new BackendMessage.ReadyForQuery('I'),
                    new BackendMessage.CopyBothResponse(),
                    new BackendMessage.CopyDone());

    private final ByteBuf payload = Unpooled.wrappedBuffer(new byte[] {'x'});

    @Test
    void theHandlerIsToldTheEndExactlyOnceIfItWasBegun() {
        Seeds.forEach(20_000, this::session);
    }

    private void session(Random random) {
        RecordingHandler handler = new RecordingHandler();
        boolean throwing = random.nextInt(5) == 0;
        handler.onPayload(payload -> {
            assertThat(handler.endings).hasValue(0);
            if (throwing) {
                throw new IllegalStateException("no");
            }
        });
        Promise<Void> started = Promise.promise();
        Promise<Void> finished = Promise.promise();
        boolean[] free = new boolean[1];
        CopyPhase phase =
                new CopyPhase("START", handler, started, finished, _ -> {}, () -> free[0] = true);
        if (random.nextInt(4) != 0) {
            phase.on(new BackendMessage.CopyBothResponse());
        }
        WireException cause = new ConnectionLost("lost");
        try {
            for (int n = random.nextInt(12); n > 0 && !free[0]; n--) {
                step(random, phase);
            }
        } catch (WireException e) {
            cause = e;
        }
        if (!free[0]) {
            phase.lost(cause, random.nextBoolean());
        }
        assertThat(started.future().isComplete()).isTrue();
        assertThat(finished.future().isComplete()).isTrue();
        assertThat(handler.endings).hasValue(started.future().succeeded() ? 1 : 0);
        if (!throwing && !handler.payloads.isEmpty()) {
            assertThat(handler.reads).hasPositiveValue();
        }
    }

    private void step(Random random, CopyPhase phase) {
        switch (random.nextInt(6)) {
            case 0, 1 -> {
                phase.copyData(payload, 0, 1);
                phase.readComplete();
            }
            case 2 -> phase.copyData(payload, 0, 1);
            case 3 -> {
                var _ = phase.done();
            }
            default -> phase.on(MESSAGES.get(random.nextInt(MESSAGES.size())));
        }
    }

    @Test
    void aMessageThatDoesNotBelongThereIsNamed() {
        CopyPhase phase =
                new CopyPhase(
                        "START",
                        new RecordingHandler(),
                        Promise.promise(),
                        Promise.promise(),
                        _ -> {},
                        () -> {});
        for (BackendMessage message :
                List.of(
                        new BackendMessage.AuthenticationOk(),
                        new BackendMessage.CopyDone(),
                        new BackendMessage.ReadyForQuery('I'),
                        new BackendMessage.CommandComplete("X"))) {
            assertThat(violation(phase, message))
                    .isEqualTo(
                            "The server sent "
                                    + message.getClass().getSimpleName()
                                    + ", which is not expected in or around a two-way COPY.");
        }
    }

    private static String violation(CopyPhase phase, BackendMessage message) {
        try {
            phase.on(message);
            return "none";
        } catch (ProtocolViolation e) {
            return String.valueOf(e.getMessage());
        }
    }
}
