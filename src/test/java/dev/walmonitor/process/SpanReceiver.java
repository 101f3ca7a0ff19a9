package dev.walmonitor.process;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** A collector of spans as OTLP sends them, by gRPC or by HTTP. */
final class SpanReceiver implements AutoCloseable {
    final List<Sent> spans = new CopyOnWriteArrayList<>();

    /** Everything that came, as text. */
    final List<String> raw = new CopyOnWriteArrayList<>();

    private final Vertx vertx = Vertx.vertx();
    private final HttpServer server;

    /** A span. */
    record Sent(
            String trace,
            String id,
            String parent,
            String name,
            Instant start,
            Instant end,
            Map<String, String> attributes,
            List<String> events,
            long status) {}

    SpanReceiver() {
        server =
                vertx.createHttpServer()
                        .requestHandler(request -> request.body().onSuccess(b -> take(request, b)));
        var _ = server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().join();
    }

    String url() {
        return "http://127.0.0.1:" + server.actualPort();
    }

    private void take(HttpServerRequest request, Buffer body) {
        if ("/v1/traces".equals(request.path())) {
            keep(body.getBytes());
            var _ = request.response().putHeader("content-type", "application/x-protobuf").end();
        } else {
            keep(body.getBytes(5, body.length()));
            request.response().putHeader("content-type", "application/grpc");
            request.response().putTrailer("grpc-status", "0");
            var _ = request.response().end(Buffer.buffer(new byte[5]));
        }
    }

    private void keep(byte[] message) {
        raw.add(new String(message, StandardCharsets.ISO_8859_1));
        for (byte[] resource : new Fields(message).bytes(1)) {
            for (byte[] scope : new Fields(resource).bytes(2)) {
                new Fields(scope).bytes(2).forEach(span -> spans.add(span(new Fields(span))));
            }
        }
    }

    private static Sent span(Fields span) {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (byte[] attribute : span.bytes(9)) {
            Fields pair = new Fields(attribute);
            Fields value = new Fields(pair.bytes(2).getFirst());
            attributes.put(
                    pair.text(1),
                    value.bytes(1).isEmpty() ? String.valueOf(value.number(3)) : value.text(1));
        }
        List<byte[]> status = span.bytes(15);
        return new Sent(
                span.hex(1),
                span.hex(2),
                span.hex(4),
                span.text(5),
                time(span.number(7)),
                time(span.number(8)),
                attributes,
                span.bytes(11).stream().map(event -> new Fields(event).text(2)).toList(),
                status.isEmpty() ? 0 : new Fields(status.getFirst()).number(3));
    }

    private static Instant time(long nanos) {
        return Instant.ofEpochSecond(0, nanos);
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    /** The fields of one message of Protocol Buffers. */
    private static final class Fields {
        private final Map<Integer, List<byte[]>> texts = new LinkedHashMap<>();
        private final Map<Integer, Long> numbers = new LinkedHashMap<>();

        private Fields(byte[] message) {
            ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
            while (in.hasRemaining()) {
                int tag = (int) varint(in);
                int field = tag >>> 3;
                switch (tag & 7) {
                    case 0 -> numbers.put(field, varint(in));
                    case 1 -> numbers.put(field, in.getLong());
                    case 2 -> {
                        byte[] bytes = new byte[(int) varint(in)];
                        in.get(bytes);
                        texts.computeIfAbsent(field, f -> new ArrayList<>()).add(bytes);
                    }
                    case 5 -> numbers.put(field, (long) in.getInt());
                    default -> throw new IllegalArgumentException("Expected a field, got " + tag);
                }
            }
        }

        private static long varint(ByteBuffer in) {
            long value = 0;
            int shift = 0;
            byte next;
            do {
                next = in.get();
                value |= (long) (next & 0x7f) << shift;
                shift += 7;
            } while (next < 0);
            return value;
        }

        private List<byte[]> bytes(int field) {
            return texts.getOrDefault(field, List.of());
        }

        private long number(int field) {
            return numbers.getOrDefault(field, 0L);
        }

        private String text(int field) {
            return bytes(field).isEmpty()
                    ? ""
                    : new String(bytes(field).getFirst(), StandardCharsets.UTF_8);
        }

        private String hex(int field) {
            return bytes(field).isEmpty() ? "" : HexFormat.of().formatHex(bytes(field).getFirst());
        }
    }
}
