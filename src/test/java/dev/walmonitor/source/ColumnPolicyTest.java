package dev.walmonitor.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.TableName;
import dev.walmonitor.source.ColumnPolicy.Treatment;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.source.yaml.YamlConfigSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ColumnPolicyTest {
    private static final Relation USERS =
            new Relation(
                    1,
                    TableName.parse("public.users"),
                    ReplicaIdentity.DEFAULT,
                    List.of(
                            new Column("secret", 25, -1, false),
                            new Column("id", 20, -1, true),
                            new Column("age", 23, -1, false),
                            new Column("email", 25, -1, false)),
                    List.of(1));

    private static ColumnPolicy policy(String yaml) {
        SourcesConfig config =
                new SmallRyeConfigBuilder()
                        .addDefaultInterceptors()
                        .addDiscoveredConverters()
                        .withMapping(SourcesConfig.class)
                        .withSources(
                                new PropertiesConfigSource(
                                        Map.of("java.io.tmpdir", "/tmp"), "system", 50),
                                new YamlConfigSource(
                                        "test",
                                        "wal-monitor: { sources: { main: { " + yaml + " } } }",
                                        100))
                        .build()
                        .getConfigMapping(SourcesConfig.class);
        return ColumnPolicy.of(Objects.requireNonNull(config.sources().get("main")));
    }

    private static List<String> faults(String yaml) {
        return policy(yaml)
                .faults(
                        "main",
                        List.of(USERS),
                        (meant, known) ->
                                known.stream()
                                        .filter(k -> k.charAt(0) == meant.charAt(0))
                                        .findFirst());
    }

    @Test
    void aTableIsNamedWithOrWithoutQuotesAndWithOrWithoutItsSchema() {
        for (String table : List.of("public.users", "\"public.users\"", "users")) {
            assertThat(
                            policy("columns: { " + table + ": { drop: [secret], hash: email } }")
                                    .of(USERS.table(), USERS.columns()))
                    .as(table)
                    .containsExactly(
                            Treatment.DROP, Treatment.SHOW, Treatment.SHOW, Treatment.HASH);
        }
    }

    @Test
    void everybodySeesTheTableWithoutWhatIsDroppedAndTextForWhatIsNotShown() {
        Relation seen =
                policy("columns: { public.users: { drop: [secret], mask: [age] } }").visible(USERS);

        assertThat(seen.columns())
                .containsExactly(
                        new Column("id", 20, -1, true),
                        new Column("age", 25, -1, false),
                        new Column("email", 25, -1, false));
        assertThat(seen.keyNames()).containsExactly("id");
        assertThat(ColumnPolicy.NONE.visible(USERS)).isSameAs(USERS);
    }

    @Test
    void whatCannotBeDoneIsToldWithTheNearestName() {
        assertThat(
                        faults(
                                "columns: { public.uesrs: { drop: [a] }, public.users: { drop: [id,"
                                        + " secrte], mask: [x, age] } }"))
                .containsExactly(
                        "Source main: columns.\"public.uesrs\": there is no such table; did you"
                                + " mean public.users?",
                        "Source main: columns.\"public.users\": column \"id\" is part of the key by"
                                + " which rows are told apart; hash it, or show it.",
                        "Source main: columns.\"public.users\": the table has no column"
                                + " \"secrte\"; did you mean secret?",
                        "Source main: columns.\"public.users\": the table has no column \"x\".");
        assertThat(faults("columns: { public.users: { hash: [id, email] } }")).isEmpty();
    }

    @Test
    void aHashIsStableAndKeyedIfThereIsAKey() {
        String plain = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assertThat(ColumnPolicy.NONE.hash("abc")).isEqualTo(plain);
        assertThat(new ColumnPolicy(Map.of(), Optional.of("k")).hash("abc"))
                .isEqualTo(new ColumnPolicy(Map.of(), Optional.of("k")).hash("abc"))
                .isNotEqualTo(plain)
                .hasSize(64);
    }
}
