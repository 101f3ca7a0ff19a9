package dev.walmonitor.sink.http;

import io.smallrye.mutiny.Uni;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Requests to places outside. A place is looked up once for each connection, and the address that
 * was found is checked before it is connected to: private and local ones are refused unless the
 * operator allows them. Redirects are not followed. Thread-safe.
 */
public interface HttpSink {

    /**
     * What keeps requests from going there, as far as that is known without sending one: a sentence
     * and what mends it. That the place cannot be looked up just now is nothing.
     */
    Uni<Optional<String>> refusal(URI url);

    /**
     * A place to send requests to.
     *
     * @param url one that {@link #refusal} had nothing against
     * @param timeout for making a connection, and for one request and its answer
     */
    Place place(URI url, Duration timeout);

    /** One address. */
    interface Place {

        /** Host and port, for messages. */
        String name();

        /**
         * POSTs a text. Completes when there is an answer, whatever it says; fails, with a {@link
         * dev.walmonitor.sink.SinkException}, if there is none: then the request may have been
         * carried out.
         *
         * @param headers by name; no secret of them is ever shown
         */
        Uni<Answer> post(Map<String, String> headers, String body);
    }

    /**
     * What was answered.
     *
     * @param retryAfter the header of that name
     * @param body as much of it as was read, which may be less than all
     */
    record Answer(int status, @Nullable String retryAfter, String body) {

        /** An answer whose body says nothing. */
        public Answer(int status, @Nullable String retryAfter) {
            this(status, retryAfter, "");
        }
    }
}
