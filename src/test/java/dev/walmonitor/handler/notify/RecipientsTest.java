package dev.walmonitor.handler.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.rule.Needs;
import dev.walmonitor.rule.SampleTable;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.sql.FakeQueries;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecipientsTest {
    private static final SampleTable TICKETS =
            SampleTable.of("public.tickets", ReplicaIdentity.FULL, "id*", "assignee_id", "email");
    private static final RowChange CHANGE =
            TICKETS.insert(1, TICKETS.row("7", "42", "ann@example.org"));

    @Test
    void aListNamesThem() {
        assertThat(people("ops@example.org, Ann ,,#help", FakeQueries.NONE))
                .containsExactly(
                        new Recipient(null, "ops@example.org", null, null, null),
                        named("Ann"),
                        named("#help"));
    }

    @Test
    void aColumnNamesOneAndNullNobody() {
        assertThat(people("{email}", FakeQueries.NONE))
                .containsExactly(new Recipient(null, "ann@example.org", null, null, null));
        RowChange nobody = TICKETS.insert(1, TICKETS.row("7", "42", null));
        assertThat(
                        Recipients.parse("{email}")
                                .of(nobody, FakeQueries.NONE, 1000)
                                .await()
                                .indefinitely())
                .isEmpty();
    }

    @Test
    void whoIsNamedTwiceIsToldOnce() {
        assertThat(people("Ann, Ann", FakeQueries.NONE)).hasSize(1);
    }

    @Test
    void aQueryIsAskedWithTheRowsValues() {
        FakeQueries queries =
                FakeQueries.giving(
                        List.of(
                                new JsonObject().put("name", "Ann").put("slack", "U1"),
                                new JsonObject().put("email", "b@c").put("locale", "de"),
                                new JsonObject().put("email", "b@c").put("locale", "de"),
                                new JsonObject().putNull("name")));

        assertThat(people("  SELECT name from users where id = {assignee_id} and 1 < 2", queries))
                .containsExactly(
                        new Recipient("Ann", null, "U1", null, null),
                        new Recipient(null, "b@c", null, null, "de"));
        assertThat(queries.asked())
                .containsExactly(
                        """
                        select * from (
                          SELECT name from users where id = ? and 1 < 2
                        ) q limit 1001 [42]\
                        """);
    }

    @Test
    void aDeletedRowIsAskedForAsItWas() {
        FakeQueries queries = FakeQueries.giving(List.of());
        RowChange delete = TICKETS.delete(1, TICKETS.row("7", "42", null));
        assertThat(
                        Recipients.parse("with x as (select 1) select name where {assignee_id} = 1")
                                .of(delete, queries, 1000)
                                .await()
                                .indefinitely())
                .isEmpty();

        assertThat(queries.asked()).hasSize(1).first().asString().endsWith("[42]");
    }

    @Test
    void withoutAnybodyTheMessageIsForWhoeverReadsTheChannel() {
        assertThat(people("", FakeQueries.NONE)).containsExactly(Recipient.ANYBODY);
    }

    @Test
    void theColumnsThatAreReadAreKnown() {
        assertThat(Recipients.parse("{email}, Ann").needs())
                .isEqualTo(new Needs(Set.of("email"), Set.of()));
        assertThat(Recipients.parse("select {assignee_id}, {before.assignee_id}").needs())
                .isEqualTo(new Needs(Set.of("assignee_id"), Set.of("assignee_id")));
        assertThatThrownBy(() -> Recipients.parse("{email"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Recipient named(@Nullable String name) {
        return new Recipient(name, null, null, null, null);
    }

    private static Set<Recipient> people(String to, FakeQueries queries) {
        return Recipients.parse(to).of(CHANGE, queries, 1000).await().atMost(Duration.ofSeconds(5));
    }
}
