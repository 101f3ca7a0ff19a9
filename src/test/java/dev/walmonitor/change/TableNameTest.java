package dev.walmonitor.change;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TableNameTest {

    @Test
    void nameWithoutASchemaIsPublic() {
        assertThat(TableName.parse("users")).isEqualTo(new TableName("public", "users"));
    }

    @Test
    void schemaEndsAtTheFirstDot() {
        assertThat(TableName.parse("shop.order.items"))
                .isEqualTo(new TableName("shop", "order.items"));
    }

    @Test
    void caseIsKept() {
        assertThat(TableName.parse("Shop.Users")).isEqualTo(new TableName("Shop", "Users"));
        assertThat(TableName.parse("Shop.Users")).isNotEqualTo(TableName.parse("shop.users"));
    }

    @Test
    void namePrintsAsPeopleWriteIt() {
        assertThat(new TableName("shop", "users")).hasToString("shop.users");
    }

    @Test
    void statementsQuoteWhatCouldNotBeReadOtherwise() {
        assertThat(new TableName("shop", "users").quoted()).isEqualTo("shop.users");
        assertThat(new TableName("Shop", "a\"b").quoted()).isEqualTo("\"Shop\".\"a\"\"b\"");
    }
}
