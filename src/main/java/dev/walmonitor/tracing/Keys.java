package dev.walmonitor.tracing;

import io.opentelemetry.api.common.AttributeKey;

/** The attributes of our spans; docs/tracing.md is their table. */
final class Keys {
    static final AttributeKey<String> COLLECTION = AttributeKey.stringKey("db.collection.name");
    static final AttributeKey<String> OPERATION = AttributeKey.stringKey("db.operation.name");
    static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");
    static final AttributeKey<String> SOURCE = AttributeKey.stringKey("wal_monitor.source");
    static final AttributeKey<String> RULE = AttributeKey.stringKey("wal_monitor.rule");
    static final AttributeKey<String> ACTION = AttributeKey.stringKey("wal_monitor.action");
    static final AttributeKey<Long> XID = AttributeKey.longKey("wal_monitor.xid");
    static final AttributeKey<String> LSN = AttributeKey.stringKey("wal_monitor.lsn");
    static final AttributeKey<String> CHANGE = AttributeKey.stringKey("wal_monitor.change_id");
    static final AttributeKey<String> DELIVERY = AttributeKey.stringKey("wal_monitor.delivery");
    static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("wal_monitor.outcome");
    static final AttributeKey<String> EFFECT = AttributeKey.stringKey("wal_monitor.effect");
    static final AttributeKey<Long> ATTEMPTS = AttributeKey.longKey("wal_monitor.attempts");
    static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("wal_monitor.attempt");

    private Keys() {}
}
