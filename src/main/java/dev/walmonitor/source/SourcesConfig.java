package dev.walmonitor.source;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The sources of this process, by name. */
@ConfigMapping(prefix = "wal-monitor.sources")
public interface SourcesConfig {

    @WithParentName
    Map<String, SourceConfig> sources();

    /** What to do about a slot that is lost. */
    enum SlotLost {
        REBUILD,
        STOP
    }

    /** One source. */
    interface SourceConfig {

        /**
         * Where the database is; its scheme picks the kind. A source without a URL is not started.
         */
        Optional<String> url();

        /**
         * Where the queries of cache rules run instead: a role that may only read, or a replica of
         * the database.
         */
        Optional<String> queryUrl();

        /**
         * A file that holds the password and nothing else, such as a mounted secret; it is read
         * anew at each connect. The URL then holds none.
         */
        Optional<String> passwordFile();

        /**
         * The credentials that Quarkus's provider of credentials is asked for at each connect; the
         * user it gives is stronger than the URL's. The URL then holds no password.
         */
        Optional<String> credentialsProvider();

        /** The bean name of the provider of credentials, needed where there are several. */
        Optional<String> credentialsProviderName();

        /** The replication slot: lower-case letters, digits and underscores. */
        @WithDefault("wal_monitor")
        String slot();

        @WithDefault("wal_monitor")
        String publication();

        /**
         * Whether slot and publication are made, and tables are added and dropped, as the rules
         * need them.
         */
        @WithDefault("true")
        boolean manage();

        /**
         * What to do when the slot can no longer give what it should: {@code rebuild} makes another
         * one and declares the gap, {@code stop} waits for an operator. Unset, it is {@code
         * rebuild} if every rule can make its values anew, as caches can, and else {@code stop}.
         */
        Optional<SlotLost> slotLost();

        /**
         * Whether to go on where the last process left off; if not, the stream starts at the
         * present end of the log, and what was written before is a declared gap.
         */
        @WithDefault("true")
        boolean resume();

        /**
         * Whether a fail-over to a standby takes the slot along (PostgreSQL 17 and later, where the
         * standby synchronizes slots).
         */
        @WithDefault("true")
        boolean failover();

        /**
         * How often a canary is written into the log, which proves that the stream runs and moves
         * an idle slot; zero for never.
         */
        @WithDefault("5s")
        Duration canaryInterval();

        /** How many changes of one rule may be handled at the same time, 1 to 64. */
        @WithDefault("8")
        int lanes();

        /**
         * How often the server hears from us at least; never less than three times in {@link
         * #walSenderTimeout}.
         */
        @WithDefault("10s")
        Duration heartbeatInterval();

        /**
         * After which silence the server gives the connection up and another instance may take
         * over, and so do we.
         */
        @WithDefault("10s")
        Duration walSenderTimeout();

        /**
         * Whether values travel in their types' binary form. Cheaper for wide rows; handlers see
         * the same text. Of a few types (money, tsquery, and those of most extensions) the text
         * cannot be had then.
         */
        @WithDefault("false")
        boolean binary();

        /**
         * Whether a large transaction is sent while it is still in progress, and kept in {@link
         * Spill files} until it commits. Otherwise the server keeps it, and sends it at its commit.
         */
        @WithDefault("false")
        boolean streaming();

        /** Which changes are told; {@code none} needs PostgreSQL 16. */
        @WithDefault("any")
        Origin origin();

        Spill spill();

        Budget budget();

        /**
         * Columns that nobody behind the source sees, by table such as {@code public.users}.
         * Applied when a row is decoded.
         */
        Map<String, ColumnsConfig> columns();

        /** A secret by which {@code hash} is keyed, so that nobody can find a value by trying. */
        Optional<String> hashKey();

        /** Where transactions in progress wait for their commit, if {@link #streaming} is on. */
        interface Spill {

            /** A directory that exists; files in it have no name and are gone with the process. */
            @WithDefault("${java.io.tmpdir}")
            Path directory();

            /**
             * How much the transactions of this source that are in progress may take together.
             * Beyond it the source goes on without streaming until the process is started again.
             */
            @WithDefault("1G")
            MemorySize limit();
        }
    }

    /**
     * How much log the database may keep for a source's slot, and what is done, one after the
     * other, when it keeps too much. Thresholds are parts of {@link #size} in percent.
     */
    interface Budget {

        /**
         * How much the slot may keep. Unset, it is what max_slot_wal_keep_size allows; where the
         * server has no such limit either, nothing is too much.
         */
        Optional<MemorySize> size();

        /** From where on somebody is told; unset, it is {@code alerts.retained-percent}. */
        OptionalInt warnAt();

        /**
         * From where on rules that hold up the log are parked, one after the other. Unset, they are
         * not, unless {@code alerts.spill} says so.
         */
        OptionalInt spillAt();

        /** From where on {@link #invalidateOnly} counts. */
        @WithDefault("85")
        int invalidateAt();

        /** Cache rules that then only take keys away, until there is room again. */
        Optional<List<String>> invalidateOnly();

        /**
         * From where on the slot is given up and made anew: what was not done is a declared gap.
         * Unset, it never is.
         */
        OptionalInt giveUpAt();

        /** How far below its threshold a stage is over. */
        @WithDefault("10")
        int release();
    }

    /** Of one table. */
    interface ColumnsConfig {

        /** As if the table had no such column. */
        Optional<List<String>> drop();

        /** {@code ***} in place of every value. */
        Optional<List<String>> mask();

        /** The SHA-256 of the value's text, in hexadecimal digits. */
        Optional<List<String>> hash();
    }
}
