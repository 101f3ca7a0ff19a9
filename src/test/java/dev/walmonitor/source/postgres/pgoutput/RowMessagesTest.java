package dev.walmonitor.source.postgres.pgoutput;

import static dev.walmonitor.change.ColumnValue.Absent.ABSENT;
import static dev.walmonitor.change.ColumnValue.Null.NULL;
import static dev.walmonitor.source.postgres.pgoutput.Frames.COMMIT;
import static dev.walmonitor.source.postgres.pgoutput.Frames.ROLES;
import static dev.walmonitor.source.postgres.pgoutput.Frames.SUB_XID;
import static dev.walmonitor.source.postgres.pgoutput.Frames.USERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.ColumnValue.Binary;
import dev.walmonitor.change.ColumnValue.Text;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.TableName;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Delete;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Insert;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.LogicalMessage;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.RelationMessage;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Truncate;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Truncated;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.TypeMessage;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Update;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What belongs to a transaction, as it is sent whole and as it is streamed in blocks. */
class RowMessagesTest {

    /** How a transaction travels; decides whether messages carry a sub-transaction. */
    enum Form {
        WHOLE {
            @Override
            Talk talk() {
                return Talk.ofEverything().with(Frames.begin());
            }

            @Override
            Bytes message(char type) {
                return Bytes.message(type);
            }

            @Override
            int subXid() {
                return 0;
            }
        },
        PREPARED {
            @Override
            Talk talk() {
                return Talk.ofEverything().with(Frames.beginPrepare());
            }

            @Override
            Bytes message(char type) {
                return Bytes.message(type);
            }

            @Override
            int subXid() {
                return 0;
            }
        },
        STREAMED {
            @Override
            Talk talk() {
                return Talk.ofEverything().with(Frames.streamStart());
            }

            @Override
            Bytes message(char type) {
                return Frames.sub(type);
            }

            @Override
            int subXid() {
                return SUB_XID;
            }
        };

        abstract Talk talk();

        abstract Bytes message(char type);

        abstract int subXid();

        Talk talkOfUsers(char identity, int... flags) {
            return talk().with(Frames.users(message('R'), identity, flags));
        }
    }

    @ParameterizedTest
    @EnumSource
    void relationTellsATable(Form form) {
        RelationMessage told =
                (RelationMessage)
                        form.talk()
                                .hear(
                                        form.message('R')
                                                .int32(USERS)
                                                .string("shop")
                                                .string("Users")
                                                .byte1('i')
                                                .int16(2)
                                                .int8(0)
                                                .string("id")
                                                .int32(23)
                                                .int32(-1)
                                                .int8(1)
                                                .string("größe")
                                                .int32(1043)
                                                .int32(44));

        Relation relation = told.relation();
        assertThat(told.subXid()).isEqualTo(form.subXid());
        assertThat(relation.oid()).isEqualTo(USERS);
        assertThat(relation.table()).isEqualTo(new TableName("shop", "Users"));
        assertThat(relation.identity()).isEqualTo(ReplicaIdentity.INDEX);
        assertThat(relation.columns())
                .containsExactly(
                        new Column("id", 23, -1, false), new Column("größe", 1043, 44, true));
        assertThat(relation.key()).containsExactly(1);
    }

    @ParameterizedTest
    @EnumSource
    void tableWithoutColumnsAndOfTheCatalogueIsTold(Form form) {
        RelationMessage told =
                (RelationMessage)
                        form.talk()
                                .hear(
                                        form.message('R')
                                                .int32(7)
                                                .string("")
                                                .string("t")
                                                .byte1('n')
                                                .int16(0));

        assertThat(told.relation().table()).isEqualTo(new TableName("pg_catalog", "t"));
        assertThat(told.relation().columns()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void typeIsKept(Form form) {
        Talk talk = form.talk();

        assertThat(talk.hear(form.message('Y').int32(32916).string("public").string("mood")))
                .isEqualTo(new TypeMessage(form.subXid(), 32916, new TypeName("public", "mood")));
        assertThat(talk.decoder.typeName(32916)).isEqualTo(new TypeName("public", "mood"));
        assertThat(talk.decoder.typeName(23)).isNull();
    }

    @Test
    void f54_typeOfADomainIsNamedAfterItsBaseType() {
        Talk talk = Talk.inTransaction();

        assertThat(talk.hear(Bytes.message('Y').int32(32916).string("").string("int4")))
                .isEqualTo(new TypeMessage(0, 32916, new TypeName("pg_catalog", "int4")));
    }

    @ParameterizedTest
    @EnumSource
    void insertHasTheNewRow(Form form) {
        Insert insert =
                (Insert)
                        form.talkOfUsers('d', 1, 0, 0)
                                .hear(
                                        form.message('I')
                                                .int32(USERS)
                                                .byte1('N')
                                                .tuple(3)
                                                .text("7")
                                                .none()
                                                .text("größer"));

        assertThat(insert.subXid()).isEqualTo(form.subXid());
        assertThat(insert.changes()).isEqualTo(1);
        assertThat(insert.row().values()).containsExactly(text("7"), NULL, text("größer"));
    }

    @ParameterizedTest
    @EnumSource
    void valuesInBinaryFormStayBytes(Form form) {
        Insert insert =
                (Insert)
                        form.talkOfUsers('d', 1, 0, 0)
                                .hear(
                                        form.message('I')
                                                .int32(USERS)
                                                .byte1('N')
                                                .tuple(3)
                                                .binary(0, 0, 0, 7)
                                                .binary()
                                                .text(""));

        assertThat(insert.row().values())
                .containsExactly(
                        new Binary(new byte[] {0, 0, 0, 7}), new Binary(new byte[0]), text(""));
    }

    @ParameterizedTest
    @EnumSource
    void f56_updateUnderDefaultHasNoOldRowWhileTheKeyStays(Form form) {
        Update update =
                (Update)
                        form.talkOfUsers('d', 1, 0, 0)
                                .hear(
                                        form.message('U')
                                                .int32(USERS)
                                                .byte1('N')
                                                .tuple(3)
                                                .text("7")
                                                .text("Ada")
                                                .none());

        assertThat(update.subXid()).isEqualTo(form.subXid());
        assertThat(update.before()).isNull();
        assertThat(update.after().values()).containsExactly(text("7"), text("Ada"), NULL);
    }

    @ParameterizedTest
    @EnumSource
    void f56_keyUpdateUnderDefaultHasTheOldKeyAndNothingElse(Form form) {
        Update update = keyUpdate(form, form.talkOfUsers('d', 1, 0, 0));

        assertThat(Talk.before(update).values()).containsExactly(text("6"), ABSENT, ABSENT);
        assertThat(update.after().values()).containsExactly(text("7"), text("Ada"), NULL);
    }

    @ParameterizedTest
    @EnumSource
    void f56_keyUpdateUnderAnIndexHasTheColumnsOfTheIndex(Form form) {
        Update update =
                (Update)
                        form.talkOfUsers('i', 0, 1, 0)
                                .hear(
                                        form.message('U')
                                                .int32(USERS)
                                                .byte1('K')
                                                .tuple(3)
                                                .none()
                                                .text("Eva")
                                                .none()
                                                .byte1('N')
                                                .tuple(3)
                                                .text("7")
                                                .text("Ada")
                                                .none());

        assertThat(Talk.before(update).values()).containsExactly(ABSENT, text("Eva"), ABSENT);
    }

    @ParameterizedTest
    @EnumSource
    void f56_updateUnderFullHasTheWholeOldRowWithItsNulls(Form form) {
        Update update =
                (Update)
                        form.talkOfUsers('f', 1, 1, 1)
                                .hear(
                                        form.message('U')
                                                .int32(USERS)
                                                .byte1('O')
                                                .tuple(3)
                                                .text("7")
                                                .none()
                                                .text("old")
                                                .byte1('N')
                                                .tuple(3)
                                                .text("7")
                                                .text("Ada")
                                                .text("new"));

        assertThat(Talk.before(update).values()).containsExactly(text("7"), NULL, text("old"));
        assertThat(update.after().values()).containsExactly(text("7"), text("Ada"), text("new"));
    }

    @ParameterizedTest
    @EnumSource
    void f56_deleteUnderDefaultAndIndexHasTheOldKey(Form form) {
        Delete byKey =
                (Delete)
                        form.talkOfUsers('d', 1, 0, 0)
                                .hear(
                                        form.message('D')
                                                .int32(USERS)
                                                .byte1('K')
                                                .tuple(3)
                                                .text("7")
                                                .none()
                                                .none());
        Delete byIndex =
                (Delete)
                        form.talkOfUsers('i', 0, 1, 0)
                                .hear(
                                        form.message('D')
                                                .int32(USERS)
                                                .byte1('K')
                                                .tuple(3)
                                                .none()
                                                .text("Ada")
                                                .none());

        assertThat(byKey.subXid()).isEqualTo(form.subXid());
        assertThat(byKey.before().values()).containsExactly(text("7"), ABSENT, ABSENT);
        assertThat(byIndex.before().values()).containsExactly(ABSENT, text("Ada"), ABSENT);
    }

    @ParameterizedTest
    @EnumSource
    void f56_deleteUnderFullHasTheWholeOldRowWithItsNulls(Form form) {
        Delete delete =
                (Delete)
                        form.talkOfUsers('f', 1, 1, 1)
                                .hear(
                                        form.message('D')
                                                .int32(USERS)
                                                .byte1('O')
                                                .tuple(3)
                                                .text("7")
                                                .none()
                                                .text("b"));

        assertThat(delete.before().values()).containsExactly(text("7"), NULL, text("b"));
    }

    @ParameterizedTest
    @EnumSource
    void f56_insertUnderNothingIsDecoded(Form form) {
        Talk talk = form.talkOfUsers('n', 0, 0, 0);

        Insert insert = (Insert) talk.hear(Frames.row(form.message('I').int32(USERS).byte1('N')));

        assertThat(insert.row().relation().identity()).isEqualTo(ReplicaIdentity.NOTHING);
        assertThat(insert.row().relation().key()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void f64_truncateNamesEachTableAndItsFlags(Form form) {
        Talk talk = form.talk();
        Relation users = talk.relation(Frames.users(form.message('R'), 'd', 1, 0, 0));
        Relation roles =
                talk.relation(
                        form.message('R')
                                .int32(ROLES)
                                .string("public")
                                .string("roles")
                                .byte1('d')
                                .int16(0));

        assertThat(talk.hear(form.message('T').int32(2).int8(3).int32(ROLES).int32(USERS)))
                .isEqualTo(
                        new Truncate(
                                form.subXid(),
                                2,
                                List.of(new Truncated(0, roles), new Truncated(1, users)),
                                true,
                                true));
        assertThat(talk.hear(form.message('T').int32(1).int8(1).int32(USERS)))
                .isEqualTo(
                        new Truncate(
                                form.subXid(), 1, List.of(new Truncated(0, users)), true, false));
    }

    @ParameterizedTest
    @EnumSource
    void f66_transactionalMessageCountsAsAChange(Form form) {
        LogicalMessage message =
                (LogicalMessage)
                        form.talk()
                                .hear(
                                        form.message('M')
                                                .int8(1)
                                                .int64(COMMIT.value())
                                                .string("wal-monitor")
                                                .int32(3)
                                                .bytes(new byte[] {1, 0, -1}));

        assertThat(message.subXid()).isEqualTo(form.subXid());
        assertThat(message.transactional()).isTrue();
        assertThat(message.lsn()).isEqualTo(COMMIT);
        assertThat(message.prefix()).isEqualTo("wal-monitor");
        assertThat(message.content()).containsExactly(1, 0, -1);
        assertThat(message.changes()).isEqualTo(1);
    }

    @Test
    void f66_messageOutsideAnyTransactionStandsAloneAndCountsForNothing() {
        Talk talk = Talk.ofEverything();

        LogicalMessage message = (LogicalMessage) talk.hear(Frames.message(false));

        assertThat(message.transactional()).isFalse();
        assertThat(message.changes()).isZero();
        assertThatThrownBy(() -> talk.hear(Frames.message(true)))
                .hasMessage(
                        "Expected an open transaction, got no open transaction"
                                + " (message 'M', byte 1)");
    }

    @Test
    void f66_messageOfAMegabyteIsDecoded() {
        byte[] content = new byte[1 << 20];
        content[content.length - 1] = 42;

        LogicalMessage message =
                (LogicalMessage)
                        Talk.ofEverything()
                                .hear(
                                        Bytes.message('M')
                                                .int8(0)
                                                .int64(1)
                                                .string("")
                                                .int32(content.length)
                                                .bytes(content));

        assertThat(message.content()).isEqualTo(content);
    }

    @Test
    void messagesCarryASubTransactionOnlyBetweenStreamStartAndStreamStop() {
        Talk talk = Talk.ofEverything();

        talk.hearAll(Frames.users(), Frames.streamStart(), Frames.streamedUsers());
        talk.hearAll(Frames.row(Frames.sub('I').int32(USERS).byte1('N')), Frames.streamStop());
        talk.hearAll(Frames.begin(), Frames.insert(), Frames.commit());
    }

    private static Update keyUpdate(Form form, Talk talk) {
        return (Update)
                talk.hear(
                        form.message('U')
                                .int32(USERS)
                                .byte1('K')
                                .tuple(3)
                                .text("6")
                                .none()
                                .none()
                                .byte1('N')
                                .tuple(3)
                                .text("7")
                                .text("Ada")
                                .none());
    }

    private static ColumnValue text(String text) {
        return new Text(text);
    }
}
