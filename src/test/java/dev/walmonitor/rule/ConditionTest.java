package dev.walmonitor.rule;

import static dev.walmonitor.rule.SampleTable.ABSENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.rule.cel.Answer;
import dev.walmonitor.rule.cel.ExpressionException;
import dev.walmonitor.rule.cel.MalformedExpression;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionTest {
    private static final String[] NAMES = {
        "id*", "n", "price", "rate", "open", "name", "at", "day", "data", "first name"
    };
    private static final int[] TYPES = {20, 20, 1700, 701, 16, 25, 1184, 1082, 3802, 25};
    private static final SampleTable FULL = table(ReplicaIdentity.FULL);
    private static final SampleTable DEFAULT = table(ReplicaIdentity.DEFAULT);
    private static final @Nullable String[] OLD = {
        "1",
        "9007199254740993",
        "9.99",
        "0.1",
        "t",
        "Anna",
        "2026-03-01 10:00:00.5+00",
        "2026-03-01",
        "{\"a\": 1}",
        "A"
    };
    private static final @Nullable String[] NEW = {
        "1",
        "9007199254740992",
        "9.98",
        "0.1",
        "f",
        "Berta",
        "2026-03-02 10:00:00+00",
        "2026-03-02",
        "{\"a\": 2}",
        "B"
    };

    private static SampleTable table(ReplicaIdentity identity) {
        Relation plain = SampleTable.of("shop.listings", identity, NAMES).relation();
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < TYPES.length; i++) {
            Column column = plain.columns().get(i);
            columns.add(new Column(column.name(), TYPES[i], -1, column.identity()));
        }
        return new SampleTable(new Relation(1, plain.table(), identity, columns, plain.key()));
    }

    private static Condition condition(String text) {
        try {
            return Condition.parse(text);
        } catch (MalformedExpression e) {
            throw new AssertionError(text + ": " + e.getMessage(), e);
        }
    }

    private static Answer ask(String text, RowChange change) {
        return condition(text).of(change);
    }

    private static RowChange update() {
        return FULL.update(1, FULL.row(OLD), FULL.row(NEW));
    }

    /** An update whose new row has one other value. */
    private static RowChange updateWith(int column, @Nullable String value) {
        @Nullable String[] now = NEW.clone();
        now[column] = value;
        return FULL.update(1, FULL.row(OLD), FULL.row(now));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "after.price < before.price",
                "changed(\"price\") && after.price < before.price",
                "!changed('rate')",
                "before.n - after.n == 1",
                "before.n == 9007199254740993",
                "before.price == 9.99",
                "9.99 == before.price",
                "before.price > 9 && before.price < 10",
                "before.price - after.price == 0.01",
                "before.price * 3 == 29.97",
                "-after.price < 0",
                "after.rate == 0.1 && after.rate < after.price",
                "after.rate * 2.0 == 0.2",
                "int(before.price) == 9 && string(before.price) == '9.99'",
                "before.open && !after.open",
                "before.open != after.open",
                "after.name.startsWith(\"Ber\") && size(after.name) == 5",
                "after.name in ['Anna', \"Berta\"]",
                "after.id in [1, 2, 3]",
                "after.price * 2 > 19.5 && 10 > 9.5 && 1 + 0.5 == 1.5",
                "after.price in [9.98]",
                "['Be', 'Ca'].exists(x, after.name.startsWith(x))",
                "!['Be', 'Ca'].all(x, after.name.startsWith(x))",
                "after.name.matches('^B.rta$')",
                "before.at < after.at",
                "after.at - before.at < duration('24h')",
                "after.at > timestamp('2026-03-02T09:59:59Z')",
                "after.at.getHours() == 10",
                "after.day == timestamp('2026-03-02T00:00:00Z')",
                "after.data.contains('2')",
                "after[\"first name\"] == 'B'",
                "event == 'update' && op == 'UPDATE'",
                "schema == 'shop' && table == 'listings'",
                "has(after.name) ? after.name == 'Berta' : false",
                "before != null && after != null",
                "after.name == 'Berta' || after.n / 0 == 1",
                "size([1, 2] + [3]) == 3 && [1, 2][1] == 2",
            })
    void holds(String text) {
        assertThat(ask(text, update())).as(text).isEqualTo(Answer.YES);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "after.price > before.price",
                "after.n == before.n",
                "after.name == 'berta'",
                "changed('rate')",
                "after.price == 9.98001",
                "before.n == 9007199254740992.0",
                "after.name in ['Anna']",
                "event == 'insert'",
            })
    void doesNotHold(String text) {
        assertThat(ask(text, update())).as(text).isEqualTo(Answer.NO);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            textBlock =
                    """
                    after.price < 10                ; NO
                    after.price >= 10               ; NO
                    !(after.price < 10)             ; NO
                    after.price + 1 > 0             ; NO
                    after.price == null             ; YES
                    after.price != null             ; NO
                    after.price == 10               ; NO
                    after.price != 10               ; YES
                    has(after.price)                ; NO
                    after.price in [1, 2]           ; NO
                    after.price < 10 || after.id==1 ; YES
                    changed('price')                ; YES
                    string(after.price) == '1'      ; NO
                    after.price < 10 ? false : true ; YES
                    """)
    void nullIsNoErrorAndMakesAComparisonNeitherTrueNorFalse(String text, Answer expected) {
        assertThat(ask(text, updateWith(2, null))).as(text).isEqualTo(expected);
    }

    @Test
    void theSideThatAChangeLacksHasNullInEveryColumn() {
        RowChange insert = FULL.insert(1, FULL.row(NEW));
        RowChange delete = FULL.delete(1, FULL.row(OLD));

        assertThat(ask("before == null && before.name == null", insert)).isEqualTo(Answer.YES);
        assertThat(ask("after.name == 'Berta' && before.price < 1", insert)).isEqualTo(Answer.NO);
        assertThat(ask("after == null && before.name == 'Anna'", delete)).isEqualTo(Answer.YES);
        assertThat(ask("changed('name')", insert)).isEqualTo(Answer.YES);
        assertThat(ask("event == 'delete' || after.id > 0", delete)).isEqualTo(Answer.YES);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            textBlock =
                    """
                    after.data.contains('2')                       ; UNKNOWN
                    !after.data.contains('2')                      ; UNKNOWN
                    after.data == null                             ; UNKNOWN
                    has(after.data)                                ; UNKNOWN
                    after.data in ['a', 'b']                       ; UNKNOWN
                    after.data.contains('2') && after.id == 2      ; NO
                    after.id == 2 && after.data.contains('2')      ; NO
                    after.data.contains('2') || after.id == 1      ; YES
                    after.data.contains('2') && after.id == 1      ; UNKNOWN
                    after.data.contains('2') ? true : false        ; UNKNOWN
                    ['2'].exists(x, after.data.contains(x))        ; UNKNOWN
                    changed('data')                                ; NO
                    before.id == 1                                 ; YES
                    before.name == 'x'                             ; UNKNOWN
                    changed('name')                                ; UNKNOWN
                    changed('id')                                  ; NO
                    """)
    void whatWasNotSentIsUnknownAndNeverFalse(String text, Answer expected) {
        @Nullable String[] now = NEW.clone();
        now[8] = ABSENT;
        RowChange change = DEFAULT.update(1, null, DEFAULT.row(now));

        assertThat(ask(text, change)).as(text).isEqualTo(expected);
    }

    @Test
    void whatWasReadAfterwardsDecides() {
        @Nullable String[] now = NEW.clone();
        now[8] = ABSENT;
        RowChange change = DEFAULT.update(1, null, DEFAULT.row(now));
        Condition condition = condition("after.data.contains('2') && before.id == 1");

        assertThat(condition.unsent(change)).containsExactly("data");
        assertThat(condition.of(change, Map.of("data", new ColumnValue.Text("2"))))
                .isEqualTo(Answer.YES);
        assertThat(condition.of(change, Map.of("data", ColumnValue.Null.NULL)))
                .isEqualTo(Answer.NO);
    }

    @Test
    void aTruncateIsUnknownToEveryConditionThatReadsARow() {
        RowChange truncate = FULL.truncate(1);

        assertThat(ask("after.name == 'x'", truncate)).isEqualTo(Answer.UNKNOWN);
        assertThat(ask("changed('name')", truncate)).isEqualTo(Answer.UNKNOWN);
        assertThat(ask("event != 'truncate' && after.id > 0", truncate)).isEqualTo(Answer.NO);
        assertThat(condition("after.name == 'x'").unsent(truncate)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "infinity, YES",
        "-infinity, NO",
        "0044-03-15 00:00:00+00 BC, NO",
        "10000-01-01 00:00:00+00, YES",
        "2026-03-02 10:00:00.000001+05:30, NO"
    })
    void timestampsOfEveryAgeCompare(String at, Answer expected) {
        assertThat(ask("after.at > timestamp('2026-06-01T00:00:00Z')", updateWith(6, at)))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "12345678901234567890123456789.000000000001, YES",
        "NaN, NO",
        "Infinity, YES",
        "-1, NO"
    })
    void numericsKeepEveryDigit(String price, Answer expected) {
        assertThat(
                        ask(
                                "after.price > before.price * 1e27 - 1 &&"
                                        + " after.price != 9990000000000000000000000000.0",
                                updateWith(2, price)))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            textBlock =
                    """
                    after.id + 9223372036854775807 > 0 ; integer overflow
                    after.id / 0 == 1                  ; divide by zero
                    after.name                         ; it gives a value of type string, not true or false
                    """)
    void anErrorIsToldWithoutAValue(String text, String message) {
        assertThatThrownBy(() -> ask(text, update()))
                .isInstanceOf(ExpressionException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aConversionThatFailsDoesNotShowWhatItFailedOn() {
        assertThatThrownBy(() -> ask("int(after.name) > 1", update()))
                .isInstanceOf(ExpressionException.class)
                .hasMessage("a value cannot be converted");
        assertThatThrownBy(() -> ask("timestamp(after.name) > after.at", update()))
                .isInstanceOf(ExpressionException.class)
                .hasMessage("a value cannot be converted");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            textBlock =
                    """
                    after.price <                ; line 1, character 14: Syntax error: mismatched input '<EOF>'
                    row.price < 1                ; there is no "row"
                    upper(after.name) == 'A'     ; there is no "upper"
                    'a'                          ; it gives a value of type string, not true or false
                    1 + 1                        ; it gives a value of type int, not true or false
                    after.data.a == 1            ; ".a" stands behind something that is no row
                    changed(after.name)          ; changed is asked of something that is not a column's name
                    after[after.name] == 1       ; a column is chosen by something that is not its name
                    after.name.matches('(')      ; the pattern "(" cannot be read: Unclosed group
                    {'a': 1} == {'a': 1}         ; it makes a map
                    """)
    void aMalformedConditionSaysWhereAndWhat(String text, String problem) {
        assertThatThrownBy(() -> Condition.parse(text))
                .isInstanceOf(MalformedExpression.class)
                .hasMessage(problem);
    }

    private static List<String> faults(String text, SampleTable table, Operation... events) {
        Rule rule =
                new Rule(
                        "r",
                        "test",
                        "main",
                        new Filter(
                                List.of(TablePattern.parse("shop.*")),
                                EnumSet.copyOf(Arrays.asList(events))),
                        Rule.Retry.DEFAULT,
                        Optional.of(condition(text)),
                        Rule.Order.KEY,
                        false);
        return rule.conditionFaults(List.of(table.relation())).stream()
                .map(Fault::message)
                .toList();
    }

    @Test
    void aColumnThatIsNotThereIsAFaultWithTheNearestName() {
        assertThat(faults("after.prcie < 1 || before.nam == 'x'", FULL, Operation.values()))
                .containsExactly(
                        "Rule \"r\": table shop.listings has no column \"nam\"; did you mean"
                                + " \"name\"?",
                        "Rule \"r\": table shop.listings has no column \"prcie\"; did you mean"
                                + " \"price\"?");
    }

    @Test
    void whatTheReplicaIdentityNeverSendsIsAFaultWithTheStatementThatMendsIt() {
        String fault =
                "Rule \"r\": it needs the old price of an UPDATE, which table shop.listings does"
                        + " not send. Mend it with: ALTER TABLE shop.listings REPLICA IDENTITY"
                        + " FULL;";
        assertThat(faults("after.price < before.price", DEFAULT, Operation.UPDATE))
                .containsExactly(fault);
        assertThat(faults("changed('price')", DEFAULT, Operation.UPDATE)).containsExactly(fault);
        assertThat(faults("after.price < before.price", FULL, Operation.UPDATE)).isEmpty();
        assertThat(faults("before.id == 1 && after.data != ''", DEFAULT, Operation.values()))
                .isEmpty();
        assertThat(faults("before.price == 1", DEFAULT, Operation.INSERT)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            textBlock =
                    """
                    after.price > '10'        ; no such overload: decimal._>_(string)
                    after.at > '2026-01-01'   ; no such overload: google.protobuf.Timestamp._>_(string)
                    after.name == 1           ; it asks whether string and int are equal, which they never are
                    after.name + 1 == 'x'     ; no such overload: string.add(int)
                    after.n.startsWith('1')   ; no such overload: int.startsWith
                    after.n && after.open     ; no such overload: int.&&(bool)
                    after.price + 1           ; it gives a value of type decimal, not true or false
                    after.price               ; it gives a value of type decimal, not true or false
                    """)
    void typesThatDoNotGoTogetherAreAFault(String text, String misfit) {
        assertThat(faults("after.id > 0 && (after.id < 1 || " + text + ")", FULL, Operation.INSERT))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("Rule \"r\": its condition cannot work for table shop.listings: ");
        assertThat(faults(text, FULL, Operation.INSERT).getFirst())
                .isEqualTo(
                        "Rule \"r\": its condition cannot work for table shop.listings: "
                                + misfit
                                + "; compare values of one kind, such as"
                                + " timestamp(\"2026-01-01T00:00:00Z\") with a timestamp.");
    }

    @Test
    void readsOnlyItsOwnColumns() {
        assertThat(condition("after.id == 1").unsent(DEFAULT.insert(1, DEFAULT.row(NEW))))
                .isEqualTo(List.of());
        assertThat(Set.of(Answer.values())).hasSize(3);
    }
}
