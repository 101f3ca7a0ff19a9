package dev.walmonitor.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.embedded.SharedServers;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.pgclient.PgBuilder;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.PoolOptions;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HelpDeskTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Vertx vertx = Vertx.vertx();
    private final Pool pool =
            PgBuilder.pool()
                    .with(new PoolOptions().setMaxSize(1))
                    .connectingTo(PgConnectOptions.fromUri(SharedServers.freshDatabase()))
                    .using(vertx)
                    .build();
    private final HelpDesk desk = new HelpDesk(pool);

    @BeforeEach
    void open() {
        assertThat(desk.open().await().atMost(LIMIT)).isTrue();
    }

    @AfterEach
    void close() {
        pool.close().await().atMost(LIMIT);
        vertx.close().await().atMost(LIMIT);
    }

    @Test
    void opens_once() {
        assertThat(desk.open().await().atMost(LIMIT)).isFalse();
        assertThat(one("SELECT count(*) FROM users")).isEqualTo("9");
    }

    @Test
    void has_what_the_readme_speaks_of() {
        assertThat(one("SELECT name FROM roles WHERE id = 1")).isEqualTo("Admin");
        assertThat(one("SELECT max(number) FROM tickets")).isEqualTo("TKT-00122");
        assertThat(one("SELECT relreplident FROM pg_class WHERE relname = 'tickets'"))
                .isEqualTo("f");
        assertThat(
                        one(
                                "SELECT string_agg(m.name, ', ' ORDER BY m.id) FROM tickets t JOIN users u ON u.id = t.assignee_id"
                                        + " JOIN users m ON m.id = u.manager_id WHERE t.number = 'TKT-00118'"))
                .isEqualTo("Marco Bianchi");
    }

    @Test
    void every_deed_changes_one_row_in_an_order_that_never_runs_dry() {
        for (int day = 0; day < 5; day++) {
            for (Deed deed : Deed.DAY) {
                int rows = pool.query(deed.sql()).execute().await().atMost(LIMIT).rowCount();
                assertThat(rows).as("day %d, %s", day, deed).isEqualTo(1);
            }
        }
    }

    @Test
    void days_follow_each_other_without_piling_up_rows() {
        for (int deed = 0; deed < Deed.DAY.size() * 10; deed++) {
            desk.next().await().atMost(LIMIT);
        }

        assertThat(Integer.parseInt(one("SELECT count(*) FROM tickets"))).isBetween(1, 8);
        assertThat(Integer.parseInt(one("SELECT count(*) FROM users"))).isBetween(9, 14);
    }

    private String one(String sql) {
        return pool.query("SELECT (" + sql + ")::text")
                .execute()
                .map(rows -> rows.iterator().next().getString(0))
                .await()
                .atMost(LIMIT);
    }
}
