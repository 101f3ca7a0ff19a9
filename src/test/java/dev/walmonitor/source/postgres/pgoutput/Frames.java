package dev.walmonitor.source.postgres.pgoutput;

import dev.walmonitor.change.Lsn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Messages that tests have in common, one of every type and form at least. */
final class Frames {
    static final Lsn COMMIT = Lsn.parse("16/B374D848");
    static final Lsn END = Lsn.parse("16/B374D878");
    static final Instant TIME = Instant.parse("2026-11-21T08:15:30.123456Z");
    static final long TIME_MICROS = 848_564_130_123_456L;

    /** Behind 2^31, where a signed number would be negative. */
    static final int XID = (int) 4_000_000_001L;

    static final int SUB_XID = (int) 4_000_000_002L;
    static final int USERS = 16_385;
    static final int ROLES = 16_390;

    private Frames() {}

    /** A message, and those that must come before it. */
    record Sample(String name, List<Bytes> before, Bytes message) {

        Talk talk() {
            return Talk.ofEverything().with(before.toArray(Bytes[]::new));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Bytes begin() {
        return Bytes.message('B').int64(COMMIT.value()).int64(TIME_MICROS).int32(XID);
    }

    static Bytes commit() {
        return Bytes.message('C')
                .int8(0)
                .int64(COMMIT.value())
                .int64(END.value())
                .int64(TIME_MICROS);
    }

    static Bytes origin() {
        return Bytes.message('O').int64(0x1_0000_0001L).string("pg_16400");
    }

    static Bytes streamStart() {
        return Bytes.message('S').int32(XID).int8(1);
    }

    static Bytes streamStop() {
        return Bytes.message('E');
    }

    static Bytes streamCommit() {
        return Bytes.message('c')
                .int32(XID)
                .int8(0)
                .int64(COMMIT.value())
                .int64(END.value())
                .int64(TIME_MICROS);
    }

    static Bytes streamAbort() {
        return Bytes.message('A').int32(XID).int32(SUB_XID);
    }

    static Bytes parallelStreamAbort() {
        return streamAbort().int64(COMMIT.value()).int64(TIME_MICROS);
    }

    static Bytes beginPrepare() {
        return prepared(Bytes.message('b'));
    }

    static Bytes prepare() {
        return prepared(Bytes.message('P').int8(0));
    }

    static Bytes commitPrepared() {
        return prepared(Bytes.message('K').int8(0));
    }

    static Bytes streamPrepare() {
        return prepared(Bytes.message('p').int8(0));
    }

    static Bytes rollbackPrepared() {
        return Bytes.message('r')
                .int8(0)
                .int64(COMMIT.value())
                .int64(END.value())
                .int64(TIME_MICROS)
                .int64(TIME_MICROS + 1)
                .int32(XID)
                .string("gid");
    }

    private static Bytes prepared(Bytes start) {
        return start.int64(COMMIT.value())
                .int64(END.value())
                .int64(TIME_MICROS)
                .int32(XID)
                .string("gid");
    }

    /** {@code users (id int4, name text, bio text)}, its primary key the replica identity. */
    static Bytes users() {
        return users(Bytes.message('R'));
    }

    static Bytes streamedUsers() {
        return users(Bytes.message('R').int32(SUB_XID));
    }

    private static Bytes users(Bytes start) {
        return users(start, 'd', 1, 0, 0);
    }

    /** The same table under any replica identity. */
    static Bytes users(Bytes start, char identity, int... flags) {
        return start.int32(USERS)
                .string("public")
                .string("users")
                .byte1(identity)
                .int16(3)
                .int8(flags[0])
                .string("id")
                .int32(23)
                .int32(-1)
                .int8(flags[1])
                .string("name")
                .int32(25)
                .int32(-1)
                .int8(flags[2])
                .string("bio")
                .int32(25)
                .int32(-1);
    }

    static Bytes users(char identity, int... flags) {
        return users(Bytes.message('R'), identity, flags);
    }

    /** {@code roles (id int4)} in any schema. */
    static Bytes roles(String schema) {
        return Bytes.message('R')
                .int32(ROLES)
                .string(schema)
                .string("roles")
                .byte1('d')
                .int16(1)
                .int8(1)
                .string("id")
                .int32(23)
                .int32(-1);
    }

    static Bytes row(Bytes start) {
        return start.tuple(3).text("7").text("Ada").none();
    }

    static Bytes insert() {
        return row(Bytes.message('I').int32(USERS).byte1('N'));
    }

    static Bytes update() {
        return row(Bytes.message('U').int32(USERS).byte1('N'));
    }

    static Bytes delete() {
        return Bytes.message('D').int32(USERS).byte1('K').tuple(3).text("7").none().none();
    }

    static Bytes truncate(int... tables) {
        return oids(Bytes.message('T').int32(tables.length).int8(0), tables);
    }

    private static Bytes oids(Bytes start, int... oids) {
        Bytes message = start;
        for (int oid : oids) {
            message = message.int32(oid);
        }
        return message;
    }

    static Bytes message(boolean transactional) {
        return message(Bytes.message('M'), transactional);
    }

    private static Bytes message(Bytes start, boolean transactional) {
        return start.int8(transactional ? 1 : 0)
                .int64(COMMIT.value())
                .string("wal-monitor")
                .int32(3)
                .bytes(new byte[] {1, 0, -1});
    }

    /** Every message of every version. */
    static List<Sample> all() {
        List<Sample> all = new ArrayList<>();
        List<Bytes> plain = List.of(users(), begin());
        List<Bytes> streamed = List.of(streamStart(), streamedUsers());
        all.add(new Sample("Begin", List.of(), begin()));
        all.add(new Sample("Commit", plain, commit()));
        all.add(new Sample("Origin", plain, origin()));
        all.add(new Sample("Relation", plain, users()));
        all.add(new Sample("Type", plain, type(Bytes.message('Y'))));
        all.add(new Sample("Insert", plain, insert()));
        all.add(new Sample("Insert, binary", plain, binary(Bytes.message('I'))));
        all.add(new Sample("Update", plain, update()));
        all.add(new Sample("Update, key", plain, keyUpdate(Bytes.message('U'))));
        all.add(new Sample("Update, whole row", plain, fullUpdate(Bytes.message('U'))));
        all.add(new Sample("Delete", plain, delete()));
        all.add(new Sample("Delete, whole row", plain, fullDelete(Bytes.message('D'))));
        all.add(new Sample("Truncate", plain, truncate(USERS, USERS)));
        all.add(new Sample("Message", plain, message(true)));
        all.add(new Sample("Message, alone", List.of(), message(false)));
        all.add(new Sample("StreamStart", List.of(), streamStart()));
        all.add(new Sample("StreamStop", streamed, streamStop()));
        all.add(new Sample("StreamCommit", List.of(), streamCommit()));
        all.add(new Sample("StreamAbort", List.of(), streamAbort()));
        all.add(new Sample("StreamAbort, parallel", List.of(), parallelStreamAbort()));
        all.add(new Sample("Relation, streamed", streamed, streamedUsers()));
        all.add(new Sample("Type, streamed", streamed, type(sub('Y'))));
        all.add(new Sample("Insert, streamed", streamed, row(sub('I').int32(USERS).byte1('N'))));
        all.add(new Sample("Update, streamed", streamed, keyUpdate(sub('U'))));
        all.add(new Sample("Delete, streamed", streamed, fullDelete(sub('D'))));
        all.add(new Sample("Truncate, streamed", streamed, oids(sub('T').int32(1).int8(3), USERS)));
        all.add(new Sample("Message, streamed", streamed, message(sub('M'), true)));
        all.add(new Sample("BeginPrepare", List.of(), beginPrepare()));
        all.add(new Sample("Prepare", List.of(beginPrepare()), prepare()));
        all.add(new Sample("CommitPrepared", List.of(), commitPrepared()));
        all.add(new Sample("RollbackPrepared", List.of(), rollbackPrepared()));
        all.add(new Sample("StreamPrepare", List.of(), streamPrepare()));
        return all;
    }

    /** The start of a streamed message. */
    static Bytes sub(char type) {
        return Bytes.message(type).int32(SUB_XID);
    }

    private static Bytes type(Bytes start) {
        return start.int32(16_400).string("public").string("mood");
    }

    private static Bytes binary(Bytes start) {
        return start.int32(USERS).byte1('N').tuple(3).binary(0, 0, 0, 7).text("Ada").binary();
    }

    private static Bytes keyUpdate(Bytes start) {
        Bytes old = start.int32(USERS).byte1('K').tuple(3).text("6").none().none();
        return old.byte1('N').tuple(3).text("7").text("Ada").unchanged();
    }

    private static Bytes fullUpdate(Bytes start) {
        Bytes old = start.int32(USERS).byte1('O').tuple(3).text("6").none().text("long");
        return old.byte1('N').tuple(3).text("7").text("Ada").unchanged();
    }

    private static Bytes fullDelete(Bytes start) {
        return row(start.int32(USERS).byte1('O'));
    }
}
