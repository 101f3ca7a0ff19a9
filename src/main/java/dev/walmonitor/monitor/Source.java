package dev.walmonitor.monitor;

import io.vertx.mutiny.sqlclient.Row;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * A source as the monitor database knows it. Its watermark is written by {@link StoredWatermarks}.
 */
@Entity
@Table(schema = "wal_monitor", name = "sources")
@SuppressWarnings("NullAway.Init")
public class Source {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    public Integer id;

    public String name;

    /** Such as {@code postgresql}. */
    public String kind;

    public @Nullable String slot;

    /** Everything before it is done by every rule; the position's text. */
    public @Nullable String watermark;

    @Column(name = "watermark_at")
    public @Nullable Instant watermarkAt;

    @Column(name = "created_at")
    public Instant createdAt;

    static Source of(Row row) {
        Source source = new Source();
        source.id = row.getInteger("id");
        source.name = row.getString("name");
        source.kind = row.getString("kind");
        source.slot = row.getString("slot");
        source.watermark = row.getString("watermark");
        OffsetDateTime at = row.getOffsetDateTime("watermark_at");
        source.watermarkAt = at == null ? null : at.toInstant();
        source.createdAt = row.getOffsetDateTime("created_at").toInstant();
        return source;
    }
}
