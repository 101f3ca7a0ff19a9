package dev.walmonitor.source.postgres.wire;

import java.util.Set;

/**
 * What we are ready to do to prove who we are, however the server asks.
 *
 * @param methods what is allowed; see {@link AuthMethod#NONE} for its special rule
 * @param cleartextWithoutTls whether {@link AuthMethod#CLEARTEXT}, if allowed, is so in plaintext
 *     too
 * @param channelBinding whether SCRAM must be bound to the TLS channel
 * @param maxScramIterations the most rounds of PBKDF2 that a server may ask of us; the fewest are
 *     {@value #MIN_SCRAM_ITERATIONS} (RFC 7677)
 */
public record AuthPolicy(
        Set<AuthMethod> methods,
        boolean cleartextWithoutTls,
        ChannelBinding channelBinding,
        int maxScramIterations) {

    public static final int MIN_SCRAM_ITERATIONS = 4096;

    /** SCRAM only, bound to the channel where that is possible, at most 100,000 iterations. */
    public static final AuthPolicy DEFAULT =
            new AuthPolicy(Set.of(AuthMethod.SCRAM_SHA_256), false, ChannelBinding.PREFER, 100_000);

    public AuthPolicy {
        methods = Set.copyOf(methods);
        if (maxScramIterations < MIN_SCRAM_ITERATIONS) {
            throw new IllegalArgumentException(
                    "Expected at least "
                            + MIN_SCRAM_ITERATIONS
                            + " as the upper bound of SCRAM iterations, got "
                            + maxScramIterations);
        }
    }

    public AuthPolicy withMethods(Set<AuthMethod> allowed) {
        return new AuthPolicy(allowed, cleartextWithoutTls, channelBinding, maxScramIterations);
    }

    public AuthPolicy withCleartextWithoutTls(boolean allowed) {
        return new AuthPolicy(methods, allowed, channelBinding, maxScramIterations);
    }

    public AuthPolicy withChannelBinding(ChannelBinding binding) {
        return new AuthPolicy(methods, cleartextWithoutTls, binding, maxScramIterations);
    }

    boolean allows(AuthMethod method) {
        return methods.contains(method);
    }

    boolean requiresBinding() {
        return channelBinding == ChannelBinding.REQUIRE;
    }
}
