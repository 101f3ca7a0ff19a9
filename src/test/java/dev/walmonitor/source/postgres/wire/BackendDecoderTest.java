package dev.walmonitor.source.postgres.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.source.postgres.wire.BackendMessage.AuthenticationCleartextPassword;
import dev.walmonitor.source.postgres.wire.BackendMessage.AuthenticationMd5Password;
import dev.walmonitor.source.postgres.wire.BackendMessage.AuthenticationOk;
import dev.walmonitor.source.postgres.wire.BackendMessage.AuthenticationSasl;
import dev.walmonitor.source.postgres.wire.BackendMessage.AuthenticationSaslContinue;
import dev.walmonitor.source.postgres.wire.BackendMessage.AuthenticationSaslFinal;
import dev.walmonitor.source.postgres.wire.BackendMessage.AuthenticationUnsupported;
import dev.walmonitor.source.postgres.wire.BackendMessage.BackendKeyData;
import dev.walmonitor.source.postgres.wire.BackendMessage.CommandComplete;
import dev.walmonitor.source.postgres.wire.BackendMessage.CopyBothResponse;
import dev.walmonitor.source.postgres.wire.BackendMessage.CopyDone;
import dev.walmonitor.source.postgres.wire.BackendMessage.DataRow;
import dev.walmonitor.source.postgres.wire.BackendMessage.EmptyQueryResponse;
import dev.walmonitor.source.postgres.wire.BackendMessage.ErrorResponse;
import dev.walmonitor.source.postgres.wire.BackendMessage.NegotiateProtocolVersion;
import dev.walmonitor.source.postgres.wire.BackendMessage.NoticeResponse;
import dev.walmonitor.source.postgres.wire.BackendMessage.ParameterStatus;
import dev.walmonitor.source.postgres.wire.BackendMessage.ReadyForQuery;
import dev.walmonitor.source.postgres.wire.BackendMessage.RowDescription;
import dev.walmonitor.source.postgres.wire.WireException.ProtocolViolation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BackendDecoderTest {

    private static BackendMessage decode(byte[] message) {
        ByteBuf in = Unpooled.wrappedBuffer(message);
        return BackendDecoder.decode(message[0], in, 5, message.length - 5);
    }

    static Stream<Arguments> messages() {
        Map<Character, String> fields = new LinkedHashMap<>();
        fields.put('S', "FEHLER");
        fields.put('V', "ERROR");
        fields.put('C', "22012");
        fields.put('M', "division by zero");
        fields.put('D', "detail");
        fields.put('H', "hint");
        fields.put('W', "where");
        fields.put('s', "public");
        fields.put('R', "int4div");
        ServerMessage said =
                new ServerMessage(
                        "ERROR",
                        "22012",
                        "division by zero",
                        "detail",
                        "hint",
                        "where",
                        Map.of('s', "public", 'R', "int4div"));
        return Stream.of(
                Arguments.of(Backend.authenticationOk(), new AuthenticationOk()),
                Arguments.of(Backend.authentication(3), new AuthenticationCleartextPassword()),
                Arguments.of(
                        Backend.authentication(5, Backend.int32(0x01020304)),
                        new AuthenticationMd5Password(0x01020304)),
                Arguments.of(
                        Backend.sasl("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"),
                        new AuthenticationSasl(List.of("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"))),
                Arguments.of(
                        Backend.authentication(11, Backend.utf8("r=x")),
                        new AuthenticationSaslContinue("r=x")),
                Arguments.of(
                        Backend.authentication(12, Backend.utf8("v=x")),
                        new AuthenticationSaslFinal("v=x")),
                Arguments.of(Backend.authentication(7), new AuthenticationUnsupported(7, "GSSAPI")),
                Arguments.of(Backend.authentication(9), new AuthenticationUnsupported(9, "SSPI")),
                Arguments.of(
                        Backend.authentication(99, new byte[3]),
                        new AuthenticationUnsupported(99, "unknown method")),
                Arguments.of(Backend.keyData(4711, 4), new BackendKeyData(4711)),
                Arguments.of(Backend.keyData(-1, 32), new BackendKeyData(-1)),
                Arguments.of(Backend.keyData(1, 256), new BackendKeyData(1)),
                Arguments.of(
                        Backend.parameter("TimeZone", "UTC"),
                        new ParameterStatus("TimeZone", "UTC")),
                Arguments.of(
                        Backend.message(
                                'v', Backend.int32(0), Backend.int32(1), Backend.string("_pq_.x")),
                        new NegotiateProtocolVersion(0, List.of("_pq_.x"))),
                Arguments.of(
                        Backend.columns("slot_name", "größe"),
                        new RowDescription(List.of("slot_name", "größe"))),
                Arguments.of(
                        Backend.row("a", null, "", "ü"),
                        new DataRow(Arrays.asList("a", null, "", "ü"))),
                Arguments.of(Backend.complete("SELECT 1"), new CommandComplete("SELECT 1")),
                Arguments.of(Backend.message('I'), new EmptyQueryResponse()),
                Arguments.of(Backend.fields('E', fields), new ErrorResponse(said)),
                Arguments.of(Backend.fields('N', fields), new NoticeResponse(said)),
                Arguments.of(Backend.ready(), new ReadyForQuery('I')),
                Arguments.of(
                        Backend.message('W', new byte[1], Backend.int16(1), Backend.int16(0)),
                        new CopyBothResponse()),
                Arguments.of(Backend.copyDone(), new CopyDone()));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void decodesEveryMessageWhole(byte[] bytes, BackendMessage expected) {
        assertThat(decode(bytes)).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void f47_aMessageCutAtAnyLengthIsAViolationOrAShorterText(
            byte[] bytes, BackendMessage expected) {
        for (int length = 5; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            try {
                assertThat(decode(cut)).isInstanceOf(expected.getClass());
                assertThat(hasOpenEnd(expected)).isTrue();
            } catch (ProtocolViolation e) {
                assertThat(e).hasMessageStartingWith("The server sent a malformed ");
            }
        }
    }

    /** Texts that reach to the end of their message, and the key of variable length. */
    private static boolean hasOpenEnd(BackendMessage message) {
        return message instanceof AuthenticationSaslContinue
                || message instanceof AuthenticationSaslFinal
                || message instanceof AuthenticationUnsupported
                || message instanceof BackendKeyData;
    }

    @ParameterizedTest
    @MethodSource("messages")
    void f47_aByteTooManyIsAViolation(byte[] bytes, BackendMessage expected) {
        if (hasOpenEnd(expected)) {
            return;
        }
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        assertThatExceptionOfType(ProtocolViolation.class).isThrownBy(() -> decode(longer));
    }

    @Test
    void f47_aMalformedMessageIsNamedWithWhatWasExpectedAndWhatCame() {
        assertThatThrownBy(() -> decode(Backend.message('D', Backend.int16(1), Backend.int32(-2))))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessage(
                        "The server sent a malformed DataRow: expected a column length of -1 or"
                                + " more, got -2, at byte 6 of 6.");
        assertThatThrownBy(() ->
                        decode(
                                Backend.message(
                                        'D', Backend.int16(1), Backend.int32(Integer.MAX_VALUE))))
                .hasMessage(
                        "The server sent a malformed DataRow: expected a column value (2147483647"
                                + " bytes), got 0 bytes, at byte 6 of 6.");
        assertThatThrownBy(() -> decode(Backend.message('D', Backend.int16(-1))))
                .hasMessage(
                        "The server sent a malformed DataRow: expected a number of columns between"
                                + " 0 and 0, got -1, at byte 2 of 2.");
        assertThatThrownBy(() -> decode(Backend.message('C', Backend.utf8("SELECT"))))
                .hasMessage(
                        "The server sent a malformed CommandComplete: expected a zero byte after a"
                                + " command tag, got none, at byte 0 of 6.");
        assertThatThrownBy(() -> decode(Backend.message('Z', Backend.utf8("?"))))
                .hasMessage(
                        "The server sent a malformed ReadyForQuery: expected a transaction status"
                                + " I, T or E, got 0x3F, at byte 1 of 1.");
        assertThatThrownBy(() -> decode(Backend.message('c', new byte[2])))
                .hasMessage(
                        "The server sent a malformed CopyDone: expected its end, got 2 more bytes,"
                                + " at byte 0 of 2.");
        assertThatThrownBy(() -> decode(Backend.keyData(1, 257)))
                .hasMessage(
                        "The server sent a malformed BackendKeyData: expected a key of 4 to 256"
                                + " bytes, got 257 bytes, at byte 4 of 261.");
    }

    @Test
    void f47_aCountIsNotBelievedBeyondWhatTheMessageCanHold() {
        assertThatThrownBy(() ->
                        decode(
                                Backend.message(
                                        'v', Backend.int32(0), Backend.int32(Integer.MAX_VALUE))))
                .hasMessage(
                        "The server sent a malformed NegotiateProtocolVersion: expected a number of"
                                + " options between 0 and 0, got 2147483647, at byte 8 of 8.");
    }

    @Test
    void refusesWhatTheSimpleProtocolNeverSends() {
        assertThatThrownBy(() -> decode(Backend.message('1')))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessage(
                        "The server sent ParseComplete, which is not expected on such a"
                                + " connection.");
        assertThatThrownBy(() -> decode(Backend.message('H', new byte[1], Backend.int16(0))))
                .hasMessage(
                        "The server sent CopyOutResponse, which is not expected on such a"
                                + " connection.");
    }

    @Test
    void f47_randomBytesAreAMessageOrAViolation() {
        byte[] types = Backend.utf8("RKvSNETDCIZWcHGAV123nst");
        Seeds.forEach(
                20_000,
                random -> {
                    byte[] bytes = new byte[5 + random.nextInt(60)];
                    random.nextBytes(bytes);
                    bytes[0] =
                            random.nextInt(20) == 0
                                    ? (byte) random.nextInt(256)
                                    : types[random.nextInt(types.length)];
                    if (random.nextBoolean()) { // small numbers reach deeper than random ones
                        for (int i = 5; i < bytes.length; i++) {
                            bytes[i] = (byte) (random.nextInt(4) == 0 ? random.nextInt(30) : 0);
                        }
                    }
                    try {
                        assertThat(decode(bytes)).isNotNull();
                    } catch (ProtocolViolation e) {
                        assertThat(e.getMessage()).startsWith("The server sent ");
                    }
                });
    }
}
