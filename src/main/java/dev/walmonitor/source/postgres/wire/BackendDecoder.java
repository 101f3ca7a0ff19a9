package dev.walmonitor.source.postgres.wire;

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
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From the bytes of one message to its value. Pure: a value or a {@link ProtocolViolation}. */
final class BackendDecoder {
    private BackendDecoder() {}

    /**
     * Decodes the payload (without type and length) of any message but CopyData.
     *
     * @throws ProtocolViolation for what is malformed, and for what the simple query protocol
     *     without COPY IN and OUT never sends
     */
    static BackendMessage decode(byte type, ByteBuf in, int offset, int length) {
        MessageReader reader = new MessageReader(type, in, offset, length);
        BackendMessage message =
                switch (type) {
                    case 'R' -> authentication(reader);
                    case 'K' -> keyData(reader);
                    case 'v' -> negotiateVersion(reader);
                    case 'S' ->
                            new ParameterStatus(reader.string("a name"), reader.string("a value"));
                    case 'N' -> new NoticeResponse(fields(reader));
                    case 'E' -> new ErrorResponse(fields(reader));
                    case 'T' -> rowDescription(reader);
                    case 'D' -> dataRow(reader);
                    case 'C' -> new CommandComplete(reader.string("a command tag"));
                    case 'I' -> new EmptyQueryResponse();
                    case 'Z' -> readyForQuery(reader);
                    case 'W' -> copyBoth(reader);
                    case 'c' -> new CopyDone();
                    default -> throw unexpected(name((char) (type & 0xFF)), "on such a connection");
                };
        reader.finish();
        return message;
    }

    /**
     * Refuses a type that no version of the protocol knows, before its length is believed.
     *
     * @param at where in the stream, in bytes since the connection began
     */
    static void checkType(byte type, long at) {
        if (name(type).isEmpty()) {
            throw new ProtocolViolation(
                    "The server sent a message of the unknown type 0x%02X at byte %d of the stream."
                            .formatted(type, at));
        }
    }

    static ProtocolViolation unexpected(String message, String where) {
        return new ProtocolViolation(
                "The server sent " + message + ", which is not expected " + where + ".");
    }

    /** The protocol's name of a message type; empty if there is none. */
    static String name(int type) {
        return switch (type) {
            case 'R' -> "Authentication";
            case 'K' -> "BackendKeyData";
            case 'v' -> "NegotiateProtocolVersion";
            case 'S' -> "ParameterStatus";
            case 'N' -> "NoticeResponse";
            case 'E' -> "ErrorResponse";
            case 'T' -> "RowDescription";
            case 'D' -> "DataRow";
            case 'C' -> "CommandComplete";
            case 'I' -> "EmptyQueryResponse";
            case 'Z' -> "ReadyForQuery";
            case 'W' -> "CopyBothResponse";
            case 'H' -> "CopyOutResponse";
            case 'G' -> "CopyInResponse";
            case 'd' -> "CopyData";
            case 'c' -> "CopyDone";
            case 'A' -> "NotificationResponse";
            case 'V' -> "FunctionCallResponse";
            case '1' -> "ParseComplete";
            case '2' -> "BindComplete";
            case '3' -> "CloseComplete";
            case 'n' -> "NoData";
            case 's' -> "PortalSuspended";
            case 't' -> "ParameterDescription";
            default -> "";
        };
    }

    private static BackendMessage authentication(MessageReader reader) {
        int code = reader.int32("an authentication code");
        return switch (code) {
            case 0 -> new AuthenticationOk();
            case 3 -> new AuthenticationCleartextPassword();
            case 5 -> new AuthenticationMd5Password(reader.int32("a salt"));
            case 10 -> new AuthenticationSasl(strings(reader));
            case 11 -> new AuthenticationSaslContinue(reader.text(reader.remaining(), "data"));
            case 12 -> new AuthenticationSaslFinal(reader.text(reader.remaining(), "data"));
            default -> {
                reader.skip(reader.remaining(), "data");
                yield new AuthenticationUnsupported(code, method(code));
            }
        };
    }

    private static String method(int code) {
        return switch (code) {
            case 2 -> "Kerberos V5";
            case 6 -> "SCM credentials";
            case 7, 8 -> "GSSAPI";
            case 9 -> "SSPI";
            default -> "unknown method";
        };
    }

    /** Strings up to an empty one, which is the list's end. */
    private static List<String> strings(MessageReader reader) {
        List<String> all = new ArrayList<>();
        for (String s = reader.string("a mechanism");
                !s.isEmpty();
                s = reader.string("a mechanism")) {
            all.add(s);
        }
        return List.copyOf(all);
    }

    private static BackendMessage keyData(MessageReader reader) {
        int processId = reader.int32("a process id");
        int key = reader.remaining();
        if (key < 4 || key > 256) {
            throw reader.malformed("a key of 4 to 256 bytes", key + " bytes");
        }
        reader.skip(key, "a key");
        return new BackendKeyData(processId);
    }

    private static BackendMessage negotiateVersion(MessageReader reader) {
        int newest = reader.int32("a version");
        int count = reader.count(reader.int32("a count"), 1, "a number of options");
        List<String> unknown = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            unknown.add(reader.string("an option"));
        }
        return new NegotiateProtocolVersion(newest, List.copyOf(unknown));
    }

    private static ServerMessage fields(MessageReader reader) {
        Map<Character, String> fields = new HashMap<>();
        for (byte letter = reader.int8("a field type");
                letter != 0;
                letter = reader.int8("a field type")) {
            fields.put((char) (letter & 0xFF), reader.string("a field"));
        }
        return ServerMessage.of(fields);
    }

    private static BackendMessage rowDescription(MessageReader reader) {
        int count = reader.count(reader.int16("a count"), 19, "a number of columns");
        List<String> columns = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            columns.add(reader.string("a column name"));
            reader.skip(18, "table, attribute, type, size, modifier and format of a column");
        }
        return new RowDescription(List.copyOf(columns));
    }

    private static BackendMessage dataRow(MessageReader reader) {
        int count = reader.count(reader.int16("a count"), 4, "a number of columns");
        List<@Nullable String> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int length = reader.int32("a column length");
            if (length < -1) {
                throw reader.malformed("a column length of -1 or more", Integer.toString(length));
            }
            values.add(length == -1 ? null : reader.text(length, "a column value"));
        }
        return new DataRow(Collections.unmodifiableList(values));
    }

    private static BackendMessage readyForQuery(MessageReader reader) {
        byte status = reader.int8("a transaction status");
        if (status != 'I' && status != 'T' && status != 'E') {
            throw reader.malformed("a transaction status I, T or E", "0x%02X".formatted(status));
        }
        return new ReadyForQuery((char) status);
    }

    private static BackendMessage copyBoth(MessageReader reader) {
        reader.skip(1, "a format");
        int columns = reader.count(reader.int16("a count"), 2, "a number of columns");
        reader.skip(2 * columns, "the columns' formats");
        return new CopyBothResponse();
    }
}
