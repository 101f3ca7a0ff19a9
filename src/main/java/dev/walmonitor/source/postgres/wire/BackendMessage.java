package dev.walmonitor.source.postgres.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message of the server, grouped by where it may come (protocol chapter "Message Formats").
 * CopyData is not among them: its payload is handed on where it lies.
 */
sealed interface BackendMessage {

    /** May come at any time, in a COPY too. */
    sealed interface Asynchronous extends BackendMessage {}

    /** Only before the first ReadyForQuery. */
    sealed interface Greeting extends BackendMessage {}

    /** A question or an answer of the authentication exchange. */
    sealed interface Authentication extends Greeting {}

    /** A part of the answer to a query. */
    sealed interface Result extends BackendMessage {}

    /** A border of a COPY. */
    sealed interface Copy extends BackendMessage {}

    record AuthenticationOk() implements Authentication {}

    record AuthenticationCleartextPassword() implements Authentication {}

    record AuthenticationMd5Password(int salt) implements Authentication {}

    record AuthenticationSasl(List<String> mechanisms) implements Authentication {}

    record AuthenticationSaslContinue(String data) implements Authentication {}

    record AuthenticationSaslFinal(String data) implements Authentication {}

    record AuthenticationUnsupported(int code, String method) implements Authentication {}

    /** The secret key, 4 to 256 bytes long, is not kept: we never cancel. */
    record BackendKeyData(int processId) implements Greeting {}

    record NegotiateProtocolVersion(int newest, List<String> unknownOptions) implements Greeting {}

    record ParameterStatus(String name, String value) implements Asynchronous {}

    record NoticeResponse(ServerMessage message) implements Asynchronous {}

    record RowDescription(List<String> columns) implements Result {}

    record DataRow(List<@Nullable String> values) implements Result {}

    record CommandComplete(String tag) implements Result {}

    record EmptyQueryResponse() implements Result {}

    record ErrorResponse(ServerMessage message) implements BackendMessage {}

    /** The transaction status is 'I', 'T' or 'E'. */
    record ReadyForQuery(char transactionStatus) implements BackendMessage {}

    record CopyBothResponse() implements Copy {}

    record CopyDone() implements Copy {}
}
