package dev.walmonitor.source.postgres.wire;

import dev.walmonitor.source.postgres.wire.BackendMessage.BackendKeyData;
import dev.walmonitor.source.postgres.wire.BackendMessage.ErrorResponse;
import dev.walmonitor.source.postgres.wire.BackendMessage.ParameterStatus;
import dev.walmonitor.source.postgres.wire.WireException.ProtocolViolation;
import dev.walmonitor.source.postgres.wire.WireException.ServerError;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What the server has said of itself, whatever the connection was doing. Written by the event loop
 * that owns the connection, read by any thread.
 */
final class ServerFacts {
    /** More names of settings than any server reports. */
    private static final int MAX_PARAMETERS = 256;

    private final Map<String, String> parameters = new ConcurrentHashMap<>();
    private volatile int backendPid;
    private volatile @Nullable ServerError lastWords;

    void learn(BackendMessage message) {
        switch (message) {
            case ParameterStatus status -> remember(status);
            case BackendKeyData key -> backendPid = key.processId();
            case ErrorResponse error when error.message().isFatal() ->
                    lastWords = new ServerError(error.message());
            case ErrorResponse _,
                    BackendMessage.Asynchronous _,
                    BackendMessage.Greeting _,
                    BackendMessage.Result _,
                    BackendMessage.Copy _,
                    BackendMessage.ReadyForQuery _ -> {}
        }
    }

    @Nullable String parameter(String name) {
        return parameters.get(name);
    }

    int backendPid() {
        return backendPid;
    }

    /** The error with which the server takes its leave; null if it has said none. */
    @Nullable ServerError lastWords() {
        return lastWords;
    }

    private void remember(ParameterStatus status) {
        parameters.put(status.name(), status.value());
        if (parameters.size() > MAX_PARAMETERS) {
            throw new ProtocolViolation(
                    "The server reports more than " + MAX_PARAMETERS + " parameters.");
        }
    }
}
