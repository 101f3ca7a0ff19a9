package dev.walmonitor.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.RowChange;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateTest {
    private static final SampleTable LISTINGS =
            SampleTable.of("public.listings", ReplicaIdentity.FULL, "id*", "seller_id", "title");

    @Test
    void aConstantIsItsOwnKey() {
        Template template = Template.parse("master:roles");

        assertThat(template.constant()).contains("master:roles");
        assertThat(Template.parse("{{tag}}:x").constant()).contains("{tag}:x");
        assertThat(Template.parse("x:{id}").constant()).isEmpty();
        assertThat(template.key(LISTINGS.truncate(1), Side.NEW)).isEqualTo("master:roles");
    }

    @Test
    void doubledBracesAreLiteral() {
        assertThat(key("{{{id}}}:{{x}}", "7", "1", "t")).isEqualTo("{7}:{x}");
    }

    @Test
    void theKeyOfARowThatMovedIsAnotherOnEachSide() {
        RowChange moved =
                LISTINGS.update(1, LISTINGS.row("7", "1", "t"), LISTINGS.row("7", "2", "t"));
        Template template = Template.parse("seller:{seller_id}");

        assertThat(template.key(moved, Side.OLD)).isEqualTo("seller:1");
        assertThat(template.key(moved, Side.NEW)).isEqualTo("seller:2");
        assertThat(Template.parse("{before.seller_id}:{id}").key(moved, Side.NEW)).isEqualTo("1:7");
    }

    @Test
    void aNullMakesNoKey() {
        assertThat(key("seller:{seller_id}", "7", null, "t")).isNull();
    }

    @Test
    void aSideWithoutARowHasNoKey() {
        RowChange insert = LISTINGS.insert(1, LISTINGS.row("7", "1", "t"));

        assertThat(Template.parse("l:{id}").key(insert, Side.OLD)).isNull();
        assertThat(Template.parse("l:{id}").key(LISTINGS.truncate(2), Side.NEW)).isNull();
    }

    @Test
    void aKeyColumnThatNoUpdateTouchedIsKnownWithoutAnOldRow() {
        SampleTable table =
                SampleTable.of("public.listings", ReplicaIdentity.DEFAULT, "id*", "seller_id");
        RowChange update = table.update(1, null, table.row("7", "1"));

        assertThat(Template.parse("l:{id}").key(update, Side.OLD)).isEqualTo("l:7");
        assertThatThrownBy(() -> Template.parse("s:{seller_id}").key(update, Side.OLD))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "The value of {seller_id} was not sent with the UPDATE of public.listings");
    }

    @Test
    void aLargeValueThatDidNotChangeIsTakenFromTheOldRow() {
        RowChange update =
                LISTINGS.update(
                        1,
                        LISTINGS.row("7", "1", "large"),
                        LISTINGS.row("7", "1", SampleTable.ABSENT));

        assertThat(Template.parse("t:{title}").key(update, Side.NEW)).isEqualTo("t:large");
    }

    /** The vectors that other languages have to meet. */
    @Test
    void aValueIsEncodedInAKey() {
        Map<String, String> vectors =
                Map.ofEntries(
                        Map.entry("plain", "plain"),
                        Map.entry("", ""),
                        Map.entry("a:b", "a%3Ab"),
                        Map.entry("100%", "100%25"),
                        Map.entry("{x}", "%7Bx%7D"),
                        Map.entry("a*b?", "a%2Ab%3F"),
                        Map.entry("two words", "two%20words"),
                        Map.entry("\r\n\t\0", "%0D%0A%09%00"),
                        Map.entry("\u007f\u0085", "%7F%C2%85"),
                        Map.entry("\u00a0\u2028\u3000", "%C2%A0%E2%80%A8%E3%80%80"),
                        Map.entry("-_.~!@#$&()+,;='\"\\^`<>[]|/", "-_.~!@#$&()+,;='\"\\^`<>[]|/"),
                        Map.entry("\u00e9\ud83d\ude42", "\u00e9\ud83d\ude42"));

        vectors.forEach(
                (value, encoded) -> assertThat(key("{title}", "7", "1", value)).isEqualTo(encoded));
    }

    @Test
    void differentValuesMakeDifferentKeys() {
        RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
        String alphabet = "a:%{}2 5*3A";
        Map<String, List<String>> seen = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            String one = word(random, alphabet);
            String two = word(random, alphabet);
            String key = key("x:{seller_id}-:{title}", "7", one, two);
            List<String> values = List.of(one, two);
            assertThat(seen.merge(String.valueOf(key), values, (a, b) -> a)).isEqualTo(values);
        }
    }

    private static String word(RandomGenerator random, String alphabet) {
        StringBuilder word = new StringBuilder();
        for (int n = random.nextInt(4); n > 0; n--) {
            word.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return word.toString();
    }

    @Test
    void valuesThatNothingHoldsApartAreNoKey() {
        assertThat(Template.parse("x:{id}{title}").faultAsKey())
                .contains("{id} and {title} could run into one another");
        assertThat(Template.parse("x:{id}-{before.title}").faultAsKey())
                .contains("{id} and {before.title} could run into one another");
        assertThat(Template.parse("x:{id}%{title}").faultAsKey()).isPresent();
        assertThat(Template.parse("x:{id}-:{title}").faultAsKey()).isEmpty();
        assertThat(Template.parse("x:{id} {title}").faultAsKey()).isEmpty();
    }

    @Test
    void aStatementHasParametersWhereValuesStood() {
        Template.Sql sql =
                Template.parse("select '{{}}' from u where id = {seller_id} or id = {before.id}")
                        .sql();

        assertThat(sql.fragments())
                .containsExactly("select '{}' from u where id = ", " or id = ", "");
        assertThat(sql.parameters())
                .containsExactly(
                        new Template.Placeholder("seller_id", false),
                        new Template.Placeholder("id", true));
        RowChange insert = LISTINGS.insert(1, LISTINGS.row("7", "x' or 1=1 --", "t"));
        assertThat(sql.values(insert, Side.NEW)).isEqualTo(Arrays.asList("x' or 1=1 --", null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x:{id | a \"{\" without its \"}\" (a literal one is written {{) at character 3",
                "x:{a{b}} | a \"{\" without its \"}\" (a literal one is written {{) at character 3",
                "x:id} | a \"}\" without its \"{\" (a literal one is written }}) at character 5",
                "x:{} | {} where a column's name such as {id} is expected at character 3",
                "{before.} | {before.} where a column's name such as {id} is expected at character 1",
                "{ id } | { id } where a column's name such as {id} is expected at character 1",
            })
    void aMalformedTemplateSaysWhere(String text, String what) {
        assertThatThrownBy(() -> Template.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("There is " + what + " of \"" + text + "\"");
    }

    private static @Nullable String key(String template, @Nullable String... values) {
        return Template.parse(template).key(LISTINGS.insert(1, LISTINGS.row(values)), Side.NEW);
    }
}
