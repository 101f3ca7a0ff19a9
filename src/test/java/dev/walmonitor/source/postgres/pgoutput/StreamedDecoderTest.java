package dev.walmonitor.source.postgres.pgoutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.Relation;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Insert;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.RelationMessage;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The messages of a transaction that were put by, and what they leave behind. */
class StreamedDecoderTest {
    private final Map<Integer, List<String>> primaryKeys = new HashMap<>();
    private final Talk talk = new Talk(Interest.ALL, primaryKeys::get);

    private static PgOutputMessage read(PgOutputDecoder decoder, Bytes message) {
        byte[] bytes = message.toArray();
        return decoder.decode(Unpooled.wrappedBuffer(bytes), 0, bytes.length);
    }

    private static Relation told(PgOutputDecoder decoder, Bytes message, int order) {
        byte[] bytes = message.toArray();
        return ((RelationMessage)
                        decoder.decodeTold(Unpooled.wrappedBuffer(bytes), 0, bytes.length, order))
                .relation();
    }

    private Relation inserted() {
        Relation relation =
                ((Insert) talk.with(Frames.begin()).hear(Frames.insert())).row().relation();
        talk.hearAll(Frames.commit());
        return relation;
    }

    @Test
    void changesComeWithoutABegin() {
        PgOutputDecoder streamed = talk.decoder.ofTransaction();
        Relation users = told(streamed, Frames.users(), talk.decoder.nextTold());
        Insert insert = (Insert) read(streamed, Frames.insert());

        assertThat(insert.row().relation()).isSameAs(users);
        assertThat(insert.subXid()).isZero();
        assertThatThrownBy(() -> read(streamed, Frames.message(false)))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("Expected no open transaction");
    }

    @Test
    void aTableThatTheStreamKnowsKeepsItsInstance() {
        Relation users = talk.relation(Frames.users());
        PgOutputDecoder streamed = talk.decoder.ofTransaction();

        assertThat(told(streamed, Frames.users(), talk.decoder.nextTold())).isSameAs(users);
        talk.decoder.adopt(streamed);
        assertThat(inserted()).isSameAs(users);
    }

    @Test
    void whatWasToldInTheTransactionHoldsAfterItsCommit() {
        Relation before = talk.relation(Frames.users());
        int order = talk.decoder.nextTold();
        assertThat(inserted()).isSameAs(before);

        PgOutputDecoder streamed = talk.decoder.ofTransaction();
        Relation altered = told(streamed, Frames.users('f', 1, 1, 1), order);
        assertThat(altered).isNotSameAs(before);
        talk.decoder.adopt(streamed);

        assertThat(inserted()).isSameAs(altered);
    }

    @Test
    void whatWasToldSinceOutlivesTheTransaction() {
        int order = talk.decoder.nextTold();
        Relation since = talk.relation(Frames.users('f', 1, 1, 1));

        PgOutputDecoder streamed = talk.decoder.ofTransaction();
        Relation old = told(streamed, Frames.users(), order);
        assertThat(((Insert) read(streamed, Frames.insert())).row().relation()).isSameAs(old);
        talk.decoder.adopt(streamed);

        assertThat(inserted()).isSameAs(since);
    }

    @Test
    void ofTwoTransactionsTheOneThatWasToldLaterCountsWhicheverCommitsFirst() {
        int first = talk.decoder.nextTold();
        int second = talk.decoder.nextTold();
        PgOutputDecoder later = talk.decoder.ofTransaction();
        Relation wide = told(later, Frames.users('f', 1, 1, 1), second);
        talk.decoder.adopt(later);
        PgOutputDecoder earlier = talk.decoder.ofTransaction();
        Relation old = told(earlier, Frames.users(), first);
        talk.decoder.adopt(earlier);

        assertThat(old).isNotSameAs(wide);
        assertThat(inserted()).isSameAs(wide);
    }

    @Test
    void aKeyThatIsLearnedMeanwhileCountsInTheTransactionToo() {
        PgOutputDecoder streamed = talk.decoder.ofTransaction();
        Relation unkeyed = told(streamed, Frames.users('f', 1, 1, 1), talk.decoder.nextTold());
        primaryKeys.put(Frames.USERS, List.of("id"));
        talk.decoder.keyChanged(Frames.USERS);
        Relation keyed = ((Insert) read(streamed, Frames.insert())).row().relation();
        talk.decoder.adopt(streamed);

        assertThat(unkeyed.key()).isEmpty();
        assertThat(keyed.keyNames()).containsExactly("id");
        assertThat(inserted()).isSameAs(keyed);
    }
}
