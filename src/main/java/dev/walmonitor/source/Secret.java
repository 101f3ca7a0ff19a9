package dev.walmonitor.source;

/**
 * A value that is never shown: printing it prints three stars. Only whoever hands it to a server
 * asks for it.
 */
public record Secret(String value) {

    @Override
    public String toString() {
        return "***";
    }
}
