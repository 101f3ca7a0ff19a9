package dev.walmonitor.embedded;

import java.util.List;

/** A Redis that keeps nothing on disk and ends with the process that started it. */
public final class MeasuredRedis extends EmbeddedRedis {

    private MeasuredRedis() {
        super(Ports.ANY, List.of());
    }

    public static MeasuredRedis started() {
        MeasuredRedis redis = new MeasuredRedis();
        redis.start();
        return redis;
    }

    public int portNumber() {
        return port();
    }

    public String address() {
        return url();
    }
}
