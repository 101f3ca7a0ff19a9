package dev.walmonitor.embedded;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A Redis Cluster of a test's own: three masters on the loopback address with a third of the slots
 * each, and replicas of as many of them as the test wants. Each node is a {@link RedisServer} that
 * can be stopped, killed, frozen and started again.
 */
public final class RedisCluster implements AutoCloseable {
    private static final int MASTERS = 3;
    private static final int SLOTS = 16_384;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** After so many ms without a sign of life a node is taken for dead. */
    private static final String NODE_TIMEOUT = "2000";

    private final List<RedisServer> nodes = new ArrayList<>();

    private RedisCluster() {}

    /**
     * A started cluster in which every slot has its master.
     *
     * @param replicas how many of the masters have a replica, from the first on
     * @param options further options of redis-server, for all nodes
     */
    public static RedisCluster started(int replicas, String... options) {
        RedisCluster cluster = new RedisCluster();
        try {
            for (int i = 0; i < MASTERS + replicas; i++) {
                cluster.add(List.of(options));
            }
            cluster.meet();
            cluster.awaitOk();
            for (int i = 0; i < replicas; i++) {
                cluster.replicate(i);
            }
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private void add(List<String> options) {
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of("--cluster-enabled", "yes"));
        all.addAll(List.of("--cluster-config-file", "nodes.conf"));
        all.addAll(List.of("--cluster-node-timeout", NODE_TIMEOUT));
        all.addAll(List.of("--repl-diskless-sync-delay", "0"));
        nodes.add(RedisServer.startedOn(Ports.freeWithBus(), all));
    }

    private void meet() {
        for (int i = 0; i < nodes.size(); i++) {
            expectOk(nodes.get(i).ask("CLUSTER", "SET-CONFIG-EPOCH", String.valueOf(i + 1)));
            if (i < MASTERS) {
                expectOk(nodes.get(i).ask(slotsOf(i)));
            }
        }
        for (RedisServer node : nodes) {
            String port = String.valueOf(nodes.getFirst().portNumber());
            expectOk(node.ask("CLUSTER", "MEET", "127.0.0.1", port));
        }
    }

    /** Redis 6.2 has no command for ranges of slots. */
    private static String[] slotsOf(int master) {
        int from = master * SLOTS / MASTERS;
        int to = (master + 1) * SLOTS / MASTERS;
        return Stream.concat(
                        Stream.of("CLUSTER", "ADDSLOTS"),
                        IntStream.range(from, to).mapToObj(String::valueOf))
                .toArray(String[]::new);
    }

    private void replicate(int i) {
        String master = id(master(i));
        await().atMost(PATIENCE)
                .until(() -> replica(i).ask("CLUSTER", "REPLICATE", master).equals("OK"));
        await().atMost(PATIENCE)
                .until(() -> replica(i).ask("INFO", "replication").contains("link_status:up"));
        String id = id(replica(i));
        awaitAll(nodes -> nodes.contains("slave " + master) && !isMaster(nodes, id));
    }

    private static void expectOk(String answer) {
        if (!answer.equals("OK")) {
            throw new IllegalStateException("Expected Redis to answer OK, got " + answer);
        }
    }

    private static String id(RedisServer node) {
        return node.ask("CLUSTER", "MYID");
    }

    /** All nodes, masters first. */
    public List<RedisServer> nodes() {
        return List.copyOf(nodes);
    }

    /** The node that was a master at the start. */
    public RedisServer master(int i) {
        return nodes.get(i);
    }

    /** The node that was the replica of that master at the start. */
    public RedisServer replica(int i) {
        return nodes.get(MASTERS + i);
    }

    /** The URLs of all nodes. */
    public List<String> addresses() {
        return nodes.stream().map(RedisServer::address).toList();
    }

    /** The node that has the key's slot now. */
    public RedisServer owner(String key) {
        return nodes.stream()
                .filter(node -> node.isUp() && !node.ask("EXISTS", key).startsWith("-"))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalStateException("No node that runs has the slot of " + key));
    }

    /** The text under a key, from the node that has it. */
    public String get(String key) {
        return owner(key).get(key);
    }

    /** Makes a replica the master in its master's place, orderly, and returns when all know it. */
    public void failOver(int i) {
        expectOk(replica(i).ask("CLUSTER", "FAILOVER"));
        awaitTakeOver(i);
    }

    /** Returns when all nodes that run take the replica for a master. */
    public void awaitTakeOver(int i) {
        String id = id(replica(i));
        awaitAll(nodes -> isMaster(nodes, id));
        awaitOk();
    }

    /**
     * @param view of one node upon all of them
     */
    private void awaitAll(Predicate<String> view) {
        await().atMost(PATIENCE)
                .until(() -> up().allMatch(node -> view.test(node.ask("CLUSTER", "NODES"))));
    }

    private static boolean isMaster(String nodes, String id) {
        return nodes.lines().anyMatch(line -> line.startsWith(id) && line.contains("master"));
    }

    /** Returns when every node that runs knows all the others and serves its slots. */
    public void awaitOk() {
        await().atMost(PATIENCE).until(() -> up().allMatch(this::isOk));
    }

    private boolean isOk(RedisServer node) {
        String info = node.ask("CLUSTER", "INFO");
        return info.contains("cluster_state:ok")
                && info.contains("cluster_known_nodes:" + nodes.size());
    }

    private Stream<RedisServer> up() {
        return nodes.stream().filter(RedisServer::isUp);
    }

    @Override
    public void close() {
        nodes.forEach(RedisServer::close);
    }
}
