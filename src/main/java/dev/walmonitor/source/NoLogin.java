package dev.walmonitor.source;

/** There is no password to connect with just now. Its message is one sentence for people. */
public final class NoLogin extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoLogin(String sentence) {
        super(sentence, null, false, false);
    }
}
