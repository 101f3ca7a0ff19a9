package dev.walmonitor.source.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.Lsn;
import org.junit.jupiter.api.Test;

class AcknowledgementTest {
    private final Acknowledgement acknowledgement = new Acknowledgement(lsn(100));

    private static Lsn lsn(long value) {
        return new Lsn(value);
    }

    @Test
    void beginsWithWhatTheSlotHasConfirmed() {
        assertThat(acknowledgement.flushed()).isEqualTo(lsn(100));
        assertThat(acknowledgement.received()).isEqualTo(lsn(100));
    }

    @Test
    void confirmsWhatWasDelivered() {
        acknowledgement.delivered(lsn(200));

        assertThat(acknowledgement.confirm(lsn(150))).isTrue();
        assertThat(acknowledgement.confirm(lsn(200))).isTrue();
        assertThat(acknowledgement.flushed()).isEqualTo(lsn(200));
    }

    @Test
    void f31_refusesAPositionThatWasNeverDelivered() {
        acknowledgement.delivered(lsn(200));
        acknowledgement.received(900);

        assertThatThrownBy(() -> acknowledgement.confirm(lsn(201)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "Position 0/C9 was to be confirmed, but nothing after 0/C8 was delivered");
        assertThat(acknowledgement.flushed()).isEqualTo(lsn(100));
    }

    @Test
    void f26_neverGoesBack() {
        acknowledgement.delivered(lsn(200));
        assertThat(acknowledgement.confirm(lsn(200))).isTrue();

        assertThat(acknowledgement.confirm(lsn(150))).isFalse();
        acknowledgement.delivered(lsn(120));
        acknowledgement.received(110);
        assertThat(acknowledgement.flushed()).isEqualTo(lsn(200));
        assertThat(acknowledgement.received()).isEqualTo(lsn(200));
    }

    @Test
    void f57_comparesPositionsUnsigned() {
        acknowledgement.delivered(lsn(0x8000_0000_0000_0000L));

        assertThat(acknowledgement.received()).isEqualTo(lsn(0x8000_0000_0000_0000L));
        assertThat(acknowledgement.confirm(lsn(Long.MAX_VALUE))).isTrue();
        assertThat(acknowledgement.confirm(lsn(0x8000_0000_0000_0000L))).isTrue();
    }
}
