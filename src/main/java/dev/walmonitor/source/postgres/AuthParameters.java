package dev.walmonitor.source.postgres;

import dev.walmonitor.source.postgres.wire.AuthMethod;
import dev.walmonitor.source.postgres.wire.AuthPolicy;
import dev.walmonitor.source.postgres.wire.ChannelBinding;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a URL says of authentication, in libpq's words: {@code require_auth}, a list of {@code
 * scram-sha-256}, {@code md5}, {@code password} and {@code none}, and {@code channel_binding}.
 * Without a word, SCRAM it is.
 */
final class AuthParameters {
    private static final Map<String, AuthMethod> METHODS =
            Map.of(
                    "scram-sha-256", AuthMethod.SCRAM_SHA_256,
                    "md5", AuthMethod.MD5,
                    "password", AuthMethod.CLEARTEXT,
                    "none", AuthMethod.NONE);

    private AuthParameters() {}

    /**
     * @throws IllegalArgumentException if a word is not known; the message lists those that are
     */
    static AuthPolicy policy(Map<String, String> parameters) {
        AuthPolicy policy = AuthPolicy.DEFAULT;
        String methods = parameters.get("require_auth");
        if (methods != null) {
            policy = policy.withMethods(methods(methods));
        }
        String binding = parameters.get("channel_binding");
        return binding == null ? policy : policy.withChannelBinding(binding(binding));
    }

    private static Set<AuthMethod> methods(String words) {
        Set<AuthMethod> methods = EnumSet.noneOf(AuthMethod.class);
        for (String word : words.split(",", -1)) {
            AuthMethod method = METHODS.get(word.strip());
            if (method == null) {
                throw new IllegalArgumentException(
                        "Expected require_auth to list any of scram-sha-256, md5, password and none,"
                                + " got \""
                                + word
                                + "\"");
            }
            methods.add(method);
        }
        return methods;
    }

    private static ChannelBinding binding(String word) {
        return Arrays.stream(ChannelBinding.values())
                .filter(binding -> binding.name().toLowerCase(Locale.ROOT).equals(word))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "Expected a channel_binding of disable, prefer or require,"
                                        + " got \""
                                        + word
                                        + "\""));
    }
}
