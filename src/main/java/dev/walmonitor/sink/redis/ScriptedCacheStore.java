package dev.walmonitor.sink.redis;

import dev.walmonitor.sink.Together;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.redis.client.Command;
import io.vertx.mutiny.redis.client.Request;
import io.vertx.mutiny.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The cache by Lua scripts over one line; nothing newer than Redis 6.2 is asked for. Thread-safe.
 */
final class ScriptedCacheStore implements CacheStore {
    private static final String PAGE = "500";

    /** What is written to. */
    enum Place {
        ONE_SERVER(1),
        /**
         * Keys are spread over servers: a command is done before the next one is given where their
         * order counts, and sentinels are enough that each server surely holds one.
         */
        CLUSTER(64);

        private final int sentinels;

        Place(int sentinels) {
            this.sentinels = sentinels;
        }
    }

    private final RedisLine line;
    private final Place place;

    ScriptedCacheStore(RedisLine line, Place place) {
        this.line = line;
        this.place = place;
    }

    @Override
    public Uni<Put> put(CacheEntry entry, Fence fence) {
        Uni<Response> write =
                Uni.createFrom()
                        .deferred(() ->
                                line.runHere(
                                        script(fence), slots(entry, fence), words(entry, fence)));
        return registered(
                        entry.rule(),
                        entry.key(),
                        entry.value() == null ? List.of() : entry.tags(),
                        write)
                .call(answer ->
                        put(answer) == Put.TAKEN
                                ? dropTags(entry.key(), answer)
                                : leaveOut(entry.rule(), entry.key()))
                .map(ScriptedCacheStore::put);
    }

    private static Put put(Response answer) {
        return switch (answer.get(0).toInteger()) {
            case 0 -> Put.REFUSED;
            case 1 -> Put.TAKEN;
            default -> Put.UNSURE;
        };
    }

    /** On one server a change's script can look at the sentinel too. */
    private List<String> slots(CacheEntry entry, Fence fence) {
        List<String> keys = new ArrayList<>(besides(entry.key()));
        if (fence instanceof Fence.Change && place == Place.ONE_SERVER) {
            keys.add(CacheKeys.sentinel(entry.source(), 0));
        }
        return keys;
    }

    /** A key is on its registers before it is there; one server does what it is given in order. */
    private <T> Uni<T> registered(String rule, String key, List<String> tags, Uni<T> write) {
        List<Uni<Response>> registers = new ArrayList<>();
        registers.add(add(CacheKeys.register(rule, key), key));
        tags.forEach(tag -> registers.add(add(CacheKeys.tag(tag), key)));
        Uni<?> all = Together.all(registers);
        return switch (place) {
            case CLUSTER -> all.chain(() -> write);
            case ONE_SERVER ->
                    Uni.combine()
                            .all()
                            .unis(all, write)
                            .collectFailures()
                            .with((known, done) -> done)
                            .onFailure()
                            .transform(Together::first);
        };
    }

    private Uni<Response> add(String set, String key) {
        return line.send(Request.cmd(Command.SADD).arg(set).arg(key));
    }

    /** What was written has not the tags any more that the script names. */
    private Uni<Void> dropTags(String key, Response answer) {
        if (answer.size() < 2) {
            return Uni.createFrom().voidItem();
        }
        List<Uni<Response>> drops = new ArrayList<>();
        for (int i = 1; i < answer.size(); i++) {
            String set = CacheKeys.tag(answer.get(i).toString());
            drops.add(line.send(Request.cmd(Command.SREM).arg(set).arg(key)));
        }
        return Together.all(drops).replaceWithVoid();
    }

    private static Script script(Fence fence) {
        return switch (fence) {
            case Fence.Change c -> Script.CHANGE;
            case Fence.Sight s -> Script.SNAPSHOT;
            case Fence.Answer a -> Script.QUERY;
            case Fence.Replayed r -> Script.QUERY;
        };
    }

    private static List<String> besides(String key) {
        return List.of(key, CacheKeys.fence(key), CacheKeys.lease(key));
    }

    private static List<String> words(CacheEntry entry, Fence fence) {
        List<String> words = new ArrayList<>(12);
        switch (fence) {
            case Fence.Change c -> {
                words.add(wide(c.epoch(), 20));
                words.add(wide(c.position(), 20));
                words.add(wide(Integer.toUnsignedLong(c.ordinal()), 10));
                words.add(Integer.toUnsignedString(c.xid()));
            }
            case Fence.Sight s -> {
                words.add(wide(s.epoch(), 20));
                words.add(s.snapshot());
            }
            case Fence.Answer a -> {
                words.add("query");
                words.add(wide(a.epoch(), 20));
                words.add(wide(Long.parseUnsignedLong(a.xmax()), 20));
                words.add(Integer.toString(a.running()));
            }
            case Fence.Replayed r -> {
                words.add("replayed");
                words.add(wide(r.epoch(), 20));
                words.add(wide(r.position(), 20));
                words.add("0");
            }
        }
        String value = entry.value();
        words.add(value == null ? "0" : "1");
        words.add(value == null ? "" : value);
        words.add(millis(entry.ttl()));
        words.add(millis(entry.tombstone()));
        if (value != null) {
            words.addAll(entry.tags());
        }
        return words;
    }

    /** A decimal number that can be compared as text. */
    private static String wide(long unsigned, int digits) {
        String text = Long.toUnsignedString(unsigned);
        return "0".repeat(digits - text.length()) + text;
    }

    private static String millis(@Nullable Duration time) {
        return time == null ? "0" : Long.toString(Math.max(1, time.toMillis()));
    }

    @Override
    public Uni<@Nullable String> get(String key) {
        return line.send(Request.cmd(Command.GET).arg(key)).map(ScriptedCacheStore::text);
    }

    private static @Nullable String text(@Nullable Response response) {
        return response == null ? null : response.toString();
    }

    @Override
    public Uni<Stored> look(String key) {
        return line.send(Request.cmd(Command.MGET).arg(key).arg(CacheKeys.fence(key)))
                .map(both -> new Stored(text(both.get(0)), text(both.get(1))));
    }

    @Override
    public Uni<Void> evict(String key) {
        return line.run(Script.EVICT, besides(key), List.of("")).replaceWithVoid();
    }

    @Override
    public Uni<Integer> evictTag(String tag) {
        return tagged(tag)
                .onItem()
                .transformToUni(key -> evict(tag, key))
                .merge(16)
                .collect()
                .with(java.util.stream.Collectors.summingInt(evicted -> evicted));
    }

    private Uni<Integer> evict(String tag, String key) {
        return line.run(Script.EVICT, besides(key), List.of(tag))
                .map(Response::toInteger)
                .call(had ->
                        had == 1
                                ? Uni.createFrom().nullItem()
                                : line.send(
                                        Request.cmd(Command.SREM)
                                                .arg(CacheKeys.tag(tag))
                                                .arg(key)));
    }

    @Override
    public Multi<String> tagged(String tag) {
        return members(CacheKeys.tag(tag));
    }

    @Override
    public Multi<String> keys(String rule) {
        return Multi.createFrom()
                .range(0, CacheKeys.SHARDS)
                .onItem()
                .transformToMultiAndConcatenate(shard -> members(CacheKeys.register(rule, shard)));
    }

    /** A set's members, page by page as they are asked for. */
    private Multi<String> members(String set) {
        return Multi.createBy()
                .repeating()
                .uni(
                        () -> new AtomicReference<>("0"),
                        cursor ->
                                line.send(
                                                Request.cmd(Command.SSCAN)
                                                        .arg(set)
                                                        .arg(cursor.get())
                                                        .arg("COUNT")
                                                        .arg(PAGE))
                                        .map(page -> {
                                            cursor.set(page.get(0).toString());
                                            return new Page(
                                                    texts(page.get(1)), cursor.get().equals("0"));
                                        }))
                .whilst(page -> !page.last())
                .onItem()
                .transformToIterable(Page::keys);
    }

    private record Page(List<String> keys, boolean last) {}

    private static List<String> texts(Response list) {
        List<String> texts = new ArrayList<>(list.size());
        for (int i = 0; i < list.size(); i++) {
            texts.add(list.get(i).toString());
        }
        return texts;
    }

    @Override
    public Uni<Long> count(String rule) {
        List<Uni<Long>> counts =
                IntStream.range(0, CacheKeys.SHARDS)
                        .mapToObj(shard ->
                                line.send(
                                                Request.cmd(Command.SCARD)
                                                        .arg(CacheKeys.register(rule, shard)))
                                        .map(Response::toLong))
                        .toList();
        return Together.all(counts).map(all -> all.stream().mapToLong(n -> n).sum());
    }

    @Override
    public Uni<List<String>> sample(String rule, int count) {
        int shard = ThreadLocalRandom.current().nextInt(CacheKeys.SHARDS);
        return sample(rule, count, shard, CacheKeys.SHARDS);
    }

    /** From one of the sets, or from the next one that holds any. */
    private Uni<List<String>> sample(String rule, int count, int shard, int left) {
        String set = CacheKeys.register(rule, shard % CacheKeys.SHARDS);
        return line.send(Request.cmd(Command.SRANDMEMBER).arg(set).arg(count))
                .map(ScriptedCacheStore::texts)
                .chain(some ->
                        some.isEmpty() && left > 1
                                ? sample(rule, count, shard + 1, left - 1)
                                : Uni.createFrom().item(some));
    }

    /** If somebody has put a value there meanwhile, it stays on the register. */
    @Override
    public Uni<Void> leaveOut(String rule, String key) {
        String register = CacheKeys.register(rule, key);
        Uni<Response> exists = line.send(Request.cmd(Command.EXISTS).arg(key));
        return line.send(Request.cmd(Command.SREM).arg(register).arg(key))
                .chain(() -> exists)
                .chain(there ->
                        there.toInteger() == 1
                                ? add(register, key).replaceWithVoid()
                                : Uni.createFrom().voidItem());
    }

    @Override
    public Uni<Lease> lease(String key, Duration atMost) {
        String token = UUID.randomUUID().toString();
        return line.run(
                        Script.LEASE,
                        List.of(key, CacheKeys.lease(key)),
                        List.of(token, millis(atMost)))
                .map(answer -> {
                    String value = text(answer.get(0));
                    boolean ours = value == null && answer.get(1).toInteger() == 1;
                    return new Lease(value, ours ? token : null);
                });
    }

    @Override
    public Uni<Boolean> fill(
            String rule, String key, String token, String value, @Nullable Duration ttl) {
        Uni<Boolean> fill =
                Uni.createFrom()
                        .deferred(() ->
                                line.run(
                                        Script.FILL,
                                        List.of(key, CacheKeys.lease(key)),
                                        List.of(token, value, millis(ttl))))
                        .map(answer -> answer.toInteger() == 1);
        return registered(rule, key, List.of(), fill);
    }

    @Override
    public Uni<Kept> kept(String source, long epoch, String words) {
        return sentinels(source, epoch, words, "")
                .map(answers ->
                        answers.stream()
                                .filter(kept -> kept != Kept.KEPT)
                                .findFirst()
                                .orElse(Kept.KEPT));
    }

    @Override
    public Uni<Void> vouch(String source, long epoch, String words) {
        return sentinels(source, epoch, words, "set").replaceWithVoid();
    }

    @Override
    public void whenConnected(Runnable task) {
        line.whenConnected(task);
    }

    private Uni<List<Kept>> sentinels(String source, long epoch, String words, String set) {
        List<Uni<Kept>> asked =
                IntStream.range(0, place.sentinels)
                        .mapToObj(i ->
                                line.run(
                                                Script.SENTINEL,
                                                List.of(CacheKeys.sentinel(source, i)),
                                                List.of(wide(epoch, 20), words, set))
                                        .map(answer -> kept(answer.toString())))
                        .toList();
        return Together.all(asked);
    }

    private static Kept kept(String word) {
        return switch (word) {
            case "kept" -> Kept.KEPT;
            case "missing" -> Kept.MISSING;
            case "restarted" -> Kept.RESTARTED;
            case "later" -> Kept.LATER;
            default -> Kept.OTHER;
        };
    }
}
