package dev.walmonitor.source.postgres.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.TableName;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.Simulation;
import dev.walmonitor.source.Simulation.Deed;
import dev.walmonitor.source.Simulation.Plan;
import dev.walmonitor.source.postgres.wire.Credentials;
import dev.walmonitor.source.postgres.wire.WireOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PostgresSimulationTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Vertx VERTX = Vertx.vertx();

    private final String url = SharedServers.freshDatabase();
    private final Simulation simulation =
            new PostgresSimulation(VERTX, wire(DatabaseUrl.parse(url)), new Random(42));

    private static WireOptions wire(DatabaseUrl url) {
        String password = Objects.requireNonNull(url.password()).value();
        return WireOptions.of(
                url.host(),
                url.port(),
                url.database(),
                () -> Future.succeededFuture(Credentials.of(url.user(), password.toCharArray())));
    }

    @AfterEach
    void close() {
        var _ = simulation.close().await().atMost(PATIENCE);
    }

    @AfterAll
    static void stop() {
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    private String query(String sql) {
        return String.valueOf(
                SharedServers.postgres().query(DatabaseUrl.parse(url).database(), sql));
    }

    private List<Deed> run(int deeds) {
        List<Deed> done = new ArrayList<>();
        for (int i = 0; i < deeds; i++) {
            done.add(simulation.next().await().atMost(PATIENCE));
        }
        return done;
    }

    @Test
    void changesAreLikeLifeAndTouchNoRowButTheirOwn() {
        SharedServers.execute(
                url,
                "create type mood as enum ('fine', 'bad')",
                "create table shop (id int generated always as identity primary key, name text not null"
                        + " unique)",
                "create table item (id uuid primary key default gen_random_uuid(), shop_id int not null"
                        + " references shop, price numeric(10,2) not null, amount"
                        + " smallint check (amount > 0), mood mood not null, sold boolean not null, words varchar(20), at"
                        + " timestamptz not null default now(), twice int generated always as (amount *"
                        + " 2) stored)",
                "create table line (a int, b text, note text, primary key (a, b))",
                "insert into shop (name) values ('Corner'), ('Market')",
                "insert into item (shop_id, price, amount, mood, sold) values (1, 9.50, 3, 'fine',"
                        + " false), (2, 20, 1, 'bad', true)",
                "insert into line values (7, 'seven', 'mine')");
        String mine = query("select string_agg(i::text, ';' order by id) from item i");

        Plan plan = simulation.plan(table -> true).await().atMost(PATIENCE);
        assertThat(plan)
                .isEqualTo(
                        new Plan(
                                List.of(
                                        new TableName("public", "item"),
                                        new TableName("public", "line"),
                                        new TableName("public", "shop")),
                                List.of(),
                                false));
        List<Deed> deeds = run(400);

        assertThat(deeds).allSatisfy(deed -> assertThat(deed.failure()).isNull());
        assertThat(deeds.stream().map(Deed::operation))
                .contains(Operation.INSERT, Operation.UPDATE, Operation.DELETE);
        assertThat(deeds.stream().filter(d -> d.operation() == Operation.UPDATE).count())
                .isGreaterThan(100);
        assertThat(query("select count(*) > 10 from item")).isEqualTo("t");
        assertThat(query("select count(distinct price) > 4 from item")).isEqualTo("t");
        assertThat(simulation.tidyUp().await().atMost(PATIENCE)).isZero();
        assertThat(query("select string_agg(i::text, ';' order by id) from item i"))
                .isEqualTo(mine);
        assertThat(query("select count(*) from shop")).isEqualTo("2");
        assertThat(query("select string_agg(l::text, ';') from line l"))
                .isEqualTo("(7,seven,mine)");
    }

    @Test
    void anEmptyTableIsBegunAndWhatCannotBeWrittenIsLeftWithTheReason() {
        SharedServers.execute(
                url,
                "create table empty (id int primary key, name text not null, at date not null, ok"
                        + " boolean not null, more jsonb not null)",
                "create table no_key (v text)",
                "create table odd (id point primary key)".replace("point", "inet"),
                "create table stubborn (id int primary key)",
                "create function no() returns trigger language plpgsql as $$ begin raise exception"
                        + " 'never'; end $$",
                "create trigger no before insert on stubborn for each row execute function no()");

        Plan plan =
                simulation.plan(table -> !table.name().equals("other")).await().atMost(PATIENCE);

        assertThat(plan.left())
                .containsExactly(
                        "Table public.no_key is left alone: it has no primary key, by which its own"
                                + " rows could be told from yours.",
                        "Table public.odd is left alone: no new value can be made up for its column"
                                + " id.");
        List<Deed> deeds = run(60);
        assertThat(deeds)
                .filteredOn(deed -> deed.table().name().equals("stubborn"))
                .hasSize(5)
                .allSatisfy(deed -> assertThat(deed.failure()).contains("never"));
        assertThat(deeds)
                .filteredOn(deed -> deed.table().name().equals("empty"))
                .allSatisfy(deed -> assertThat(deed.failure()).isNull());
        assertThat(simulation.tidyUp().await().atMost(PATIENCE)).isZero();
        assertThat(query("select count(*) from empty")).isEqualTo("0");
    }
}
