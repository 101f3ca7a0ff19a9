package dev.walmonitor.source.postgres.pgoutput;

import static dev.walmonitor.source.postgres.pgoutput.Frames.COMMIT;
import static dev.walmonitor.source.postgres.pgoutput.Frames.USERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.walmonitor.source.postgres.pgoutput.Frames.Sample;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MalformedMessagesTest {

    static List<Sample> everyMessage() {
        return Frames.all();
    }

    @ParameterizedTest
    @MethodSource("everyMessage")
    void wholeMessageIsDecoded(Sample sample) {
        assertThat(sample.talk().hear(sample.message())).isNotNull();
    }

    @ParameterizedTest
    @MethodSource("everyMessage")
    void f47_messageCutAnywhereIsRefused(Sample sample) {
        byte[] whole = sample.message().toArray();
        for (int length = 0; length < whole.length; length++) {
            if (isShortStreamAbort(whole, length)) {
                continue;
            }
            byte[] cut = Arrays.copyOf(whole, length);
            assertThat(catchThrowable(() -> sample.talk().hear(cut)))
                    .as("cut to %d of %d bytes", length, whole.length)
                    .isExactlyInstanceOf(DecodeException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("everyMessage")
    void f47_messageWithMoreBehindItIsRefused(Sample sample) {
        byte[] whole = sample.message().toArray();
        byte[] longer = Arrays.copyOf(whole, whole.length + 1);
        assertThat(catchThrowable(() -> sample.talk().hear(longer)))
                .isExactlyInstanceOf(DecodeException.class);
    }

    /** The first nine bytes of the long form are the short form. */
    private static boolean isShortStreamAbort(byte[] message, int length) {
        return message[0] == 'A' && length == 9;
    }

    @Test
    void f47_unknownTypeIsRefused() {
        refused(
                Bytes.message('Z').int32(1),
                "Expected a message of pgoutput 1 to 4, got type 'Z' (message 'Z', byte 0)");
        refused(
                Bytes.nothing().int8(0xF7),
                "Expected a message of pgoutput 1 to 4, got type 0xF7 (message 0xF7, byte 0)");
        refused(
                Bytes.nothing(),
                "Expected a message's type (1 bytes), got 0 bytes (message 0x00, byte 0)");
    }

    @Test
    void f47_tupleOfAnotherNumberOfColumnsIsRefused() {
        refusedOfUsers(
                Bytes.message('I').int32(USERS).byte1('N').tuple(2).text("secret").none(),
                "Expected a tuple of 3 columns, got 2"
                        + " (message 'I', byte 6, table public.users)");
        refusedOfUsers(
                Bytes.message('I').int32(USERS).byte1('N').tuple(-1),
                "Expected a tuple of 3 columns, got -1"
                        + " (message 'I', byte 6, table public.users)");
    }

    @Test
    void f47_lengthOfAColumnBeyondTheMessageIsRefused() {
        for (int length : new int[] {-1, -2, 7, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            refusedOfUsers(
                    Bytes.message('I')
                            .int32(USERS)
                            .byte1('N')
                            .tuple(3)
                            .byte1('t')
                            .int32(length)
                            .bytes("secret".getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                    "Expected a column of 0 to 6 bytes, got "
                            + length
                            + " (message 'I', byte 9, table public.users)");
        }
    }

    @Test
    void f47_unknownKindOfAColumnIsRefused() {
        refusedOfUsers(
                Bytes.message('D').int32(USERS).byte1('O').tuple(3).none().byte1('x').none(),
                "Expected a column's kind ('n', 'u', 't' or 'b'), got 'x'"
                        + " (message 'D', byte 9, table public.users)");
    }

    @Test
    void f47_unknownKindOfATupleIsRefused() {
        refusedOfUsers(
                Bytes.message('I').int32(USERS).byte1('O').tuple(0),
                "Expected a tuple of kind 'N', got 'O'"
                        + " (message 'I', byte 5, table public.users)");
        refusedOfUsers(
                Bytes.message('D').int32(USERS).byte1('N').tuple(0),
                "Expected a tuple of kind 'K' or 'O', got 'N'"
                        + " (message 'D', byte 5, table public.users)");
        refusedOfUsers(
                Bytes.message('U').int32(USERS).byte1('x').tuple(0),
                "Expected a tuple of kind 'K', 'O' or 'N', got 'x'"
                        + " (message 'U', byte 5, table public.users)");
        refusedOfUsers(
                Frames.row(Bytes.message('U').int32(USERS).byte1('K')).byte1('K'),
                "Expected a tuple of kind 'N', got 'K'"
                        + " (message 'U', byte 23, table public.users)");
    }

    @Test
    void f47_numberOfColumnsBeyondTheMessageIsRefused() {
        Bytes relation =
                Bytes.message('R').int32(9).string("s").string("t").byte1('d').int16(32767);

        refused(
                relation.int8(1).string("id").int32(23).int32(-1),
                "Expected 0 to 1 columns, got 32767 (message 'R', byte 10)");
        refused(
                Bytes.message('R').int32(9).string("s").string("t").byte1('d').int16(-1),
                "Expected 0 to 0 columns, got -1 (message 'R', byte 10)");
    }

    @Test
    void f47_unknownReplicaIdentityIsRefused() {
        refused(
                Bytes.message('R').int32(9).string("s").string("t").byte1('z').int16(0),
                "Expected a replica identity ('d', 'n', 'f' or 'i'), got 'z'"
                        + " (message 'R', byte 9)");
    }

    @Test
    void f47_textWithoutItsEndIsRefused() {
        refused(
                Bytes.message('R').int32(9).bytes(new byte[] {'s', 'h', 'o', 'p'}),
                "Expected a schema up to a zero byte, got 4 bytes without one"
                        + " (message 'R', byte 5)");
    }

    @Test
    void f47_numberOfTruncatedTablesBeyondTheMessageIsRefused() {
        for (int number : new int[] {-1, 2, Integer.MAX_VALUE, 0x4000_0001}) {
            refused(
                    Bytes.message('T').int32(number).int8(0).int32(USERS),
                    "Expected 0 to 1 tables, got " + number + " (message 'T', byte 1)");
        }
    }

    @Test
    void f47_lengthOfAMessageBeyondTheMessageIsRefused() {
        refused(
                Bytes.message('M').int8(1).int64(COMMIT.value()).string("p").int32(4).int16(0),
                "Expected content of 0 to 2 bytes, got 4 (message 'M', byte 12)");
    }

    @Test
    void errorTellsWhereToLook() {
        DecodeException e =
                (DecodeException)
                        catchThrowable(() ->
                                Talk.inTransaction()
                                        .with(Frames.users())
                                        .hear(Bytes.message('D').int32(USERS).byte1('x')));

        assertThat(e.messageType()).isEqualTo((byte) 'D');
        assertThat(e.offset()).isEqualTo(5);
        assertThat(e.getStackTrace()).isEmpty();
    }

    @Test
    void messageThatTheBufferDoesNotHoldIsRefused() {
        PgOutputDecoder decoder = Talk.ofEverything().decoder;
        var buffer = Unpooled.wrappedBuffer(Frames.begin().toArray());

        assertThatThrownBy(() -> decoder.decode(buffer, 1, 21))
                .isInstanceOf(DecodeException.class)
                .hasMessage(
                        "Expected a message of 21 bytes at 1, got a buffer of 21 bytes"
                                + " (message 0x00, byte 0)");
        assertThatThrownBy(() -> decoder.decode(buffer, 1, Integer.MAX_VALUE))
                .isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> decoder.decode(buffer, -1, 3)).isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> decoder.decode(buffer, 0, -1)).isInstanceOf(DecodeException.class);
    }

    private static void refusedOfUsers(Bytes message, String why) {
        refusedBy(Talk.inTransaction().with(Frames.users()), message, why);
    }

    private static void refused(Bytes message, String why) {
        refusedBy(Talk.inTransaction(), message, why);
    }

    private static void refusedBy(Talk talk, Bytes message, String why) {
        assertThatThrownBy(() -> talk.hear(message))
                .isExactlyInstanceOf(DecodeException.class)
                .hasMessage(why);
    }
}
