package dev.walmonitor.sink.slack;

import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.http.HttpSink;
import dev.walmonitor.sink.http.JsonPost;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Slack's method {@code chat.postMessage}. Never shows its token. Thread-safe. */
final class SlackBot {

    /** What Slack says of itself, and not of the message: later it may be otherwise. */
    private static final Set<String> PASSING =
            Set.of(
                    "fatal_error",
                    "internal_error",
                    "service_unavailable",
                    "request_timeout",
                    "team_added_to_org",
                    "org_login_required");

    private static final Set<String> LIMITS =
            Set.of("ratelimited", "rate_limited", "message_limit_exceeded");

    private final JsonPost method;
    private final Map<String, String> headers;

    SlackBot(HttpSink http, String token, URI method, Duration timeout, InstantSource clock) {
        this.method =
                new JsonPost(
                        http,
                        "Slack",
                        "the method chat.postMessage is not there; correct wal-monitor.channels.slack.api",
                        method,
                        timeout,
                        clock);
        this.headers = Map.of("authorization", "Bearer " + token);
    }

    /** Where the method is, if that is an address. */
    static Optional<URI> method(String api) {
        String base = api.strip();
        return JsonPost.url(base + (base.endsWith("/") ? "" : "/") + "chat.postMessage");
    }

    /** Tells a member by a direct message. */
    Uni<Void> tell(String member, String text) {
        JsonObject body =
                new JsonObject()
                        .put("channel", member)
                        .put("text", text)
                        .put("unfurl_links", false)
                        .put("unfurl_media", false);
        return method.post(headers, body).invoke(this::judge).replaceWithVoid();
    }

    /** The status is 200 whatever became of it; the body says that. */
    private void judge(HttpSink.Answer answer) {
        JsonObject said = parsed(answer.body());
        if (Boolean.TRUE.equals(said.getValue("ok"))) {
            return;
        }
        String error = String.valueOf(said.getValue("error"));
        if (!error.matches("[a-z_]{2,50}") || error.equals("null")) {
            throw new SinkException(
                    method.name() + " gave an answer that is none of Slack's", true);
        }
        if (LIMITS.contains(error)) {
            throw new SinkException(method.name() + " answered " + error, method.pause(answer));
        }
        throw new SinkException(
                method.name() + " answered " + error + hint(error), PASSING.contains(error));
    }

    private static JsonObject parsed(String body) {
        try {
            return new JsonObject(body);
        } catch (DecodeException | ClassCastException e) {
            return new JsonObject();
        }
    }

    private static String hint(String error) {
        return switch (error) {
            case "invalid_auth",
                    "not_authed",
                    "account_inactive",
                    "token_revoked",
                    "token_expired" ->
                    ": set wal-monitor.channels.slack.token to a bot's token that is valid";
            case "missing_scope" -> ": give the bot the right chat:write";
            case "channel_not_found", "user_not_found" ->
                    ": there is no such member in the bot's workspace";
            default -> "";
        };
    }
}
