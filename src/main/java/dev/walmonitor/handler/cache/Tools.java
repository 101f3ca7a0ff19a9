package dev.walmonitor.handler.cache;

import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Relation;
import dev.walmonitor.handler.json.RowJson;
import dev.walmonitor.sink.redis.CacheStore;
import dev.walmonitor.sink.sql.Queries;
import dev.walmonitor.sink.sql.Veil;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * What a rule's cache works with.
 *
 * @param queries where its queries run; maybe on a replica
 * @param primary the database of the log
 * @param veil what of the rule's first table is kept from everybody
 * @param followed is told which log the rule follows
 * @param unsure whether Redis may have lost something that is later than a change
 * @param tables those that the rule listens to, as they were when it was checked
 */
record Tools(
        CacheStore redis,
        Queries queries,
        Queries primary,
        List<Relation> tables,
        Optional<Veil> veil,
        Visibility visibility,
        RowJson json,
        Loop loop,
        RandomGenerator random,
        InstantSource clock,
        RefreshMeter meter,
        Consumer<LogIdentity> followed,
        BooleanSupplier unsure) {}
