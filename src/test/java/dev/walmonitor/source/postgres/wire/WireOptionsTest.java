package dev.walmonitor.source.postgres.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.source.DatabaseUrl.SslMode;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WireOptionsTest {
    private static final Credentials CREDENTIALS =
            Credentials.of("app", "s3cret-canary".toCharArray());

    private static WireOptions options(String host) {
        return WireOptions.of(host, 5432, "shop", () -> Future.succeededFuture(CREDENTIALS));
    }

    @Test
    void noSecretIsInAnyText() {
        assertThat(CREDENTIALS).hasToString("Credentials[user=app, password=***]");
        assertThat(Credentials.of("app", new char[0]))
                .hasToString("Credentials[user=app, password=none]");
        assertThat(
                        options("db")
                                .withTls(TlsOptions.of(SslMode.VERIFY_FULL))
                                .withSetting("wal_sender_timeout", "10s"))
                .hasToString(
                        "WireOptions[db:5432/shop, sslmode=verify-full,"
                                + " settings=[wal_sender_timeout]]");
    }

    @Test
    void f16_anIpv6AddressMayStandInBrackets() {
        assertThat(options("[::1]").host()).isEqualTo("::1");
        assertThat(options("[::1]").address()).isEqualTo("[::1]:5432");
        assertThat(options("::1").address()).isEqualTo("[::1]:5432");
        assertThat(options("10.0.0.1").address()).isEqualTo("10.0.0.1:5432");
    }

    @Test
    void whatCannotWorkIsRefusedAtOnce() {
        assertThatThrownBy(() -> options("")).hasMessage("Expected a host, got an empty text");
        assertThatThrownBy(() -> options("a\0b"))
                .hasMessage("Expected no control characters in the host");
        assertThatThrownBy(() -> Credentials.withoutPassword("a\0replication\0"))
                .hasMessage("Expected no control characters in the user");
        assertThatThrownBy(() -> options("db").withApplicationName("a\nb"))
                .hasMessage("Expected no control characters in the application name");
        assertThatThrownBy(() ->
                        WireOptions.of("db", 0, "shop", () -> Future.succeededFuture(CREDENTIALS)))
                .hasMessage("Expected a port from 1 to 65535, got 0");
        assertThatThrownBy(() -> options("db").withConnectDeadline(Duration.ZERO))
                .hasMessage("Expected a positive connect deadline, got PT0S");
        assertThatThrownBy(() -> options("db").withMaxFrameBytes(1023))
                .hasMessage("Expected a longest message of at least 1024 bytes, got 1023");
        assertThatThrownBy(() -> options("db").withSetting("a b", "c"))
                .hasMessage("Expected the name of a setting, got \"a b\"");
        assertThatThrownBy(() -> options("db").withSetting("TimeZone", "CET"))
                .hasMessage("The setting TimeZone is pinned, the decoders rely on it");
        assertThatThrownBy(() -> options("db").withSetting("work_mem", "1\0"))
                .hasMessage("Expected no control characters in the setting work_mem");
        assertThatThrownBy(() -> new TlsOptions(SslMode.REQUIRE, null, Path.of("client.crt"), null))
                .hasMessage(
                        "Expected a client certificate and its key together, got only the"
                                + " certificate");
    }

    @Test
    void theStartupMessagePinsEverySetting() {
        WireOptions options =
                options("db")
                        .withSetting("wal_sender_timeout", "10s")
                        .withSetting("search_path", "a b\\c");
        byte[] message = FrontendMessage.startup("app", options).getBytes();

        assertThat(message)
                .isEqualTo(
                        Backend.concat(
                                Backend.int32(message.length),
                                Backend.int32(196_608),
                                Backend.utf8(
                                        "user\0app\0database\0shop\0replication\0database\0"
                                                + "application_name\0wal-monitor\0"
                                                + "client_encoding\0UTF8\0options\0"
                                                + "-c datestyle=ISO -c intervalstyle=postgres"
                                                + " -c extra_float_digits=3 -c bytea_output=hex"
                                                + " -c timezone=UTC"
                                                + " -c standard_conforming_strings=on"
                                                + " -c search_path=a\\ b\\\\c"
                                                + " -c wal_sender_timeout=10s\0\0")));
    }

    @Test
    void aPlainConnectionDoesNotAskForReplication() {
        byte[] message =
                FrontendMessage.startup("app", options("db").withoutReplication()).getBytes();

        assertThat(new String(message, StandardCharsets.UTF_8))
                .contains("database\0shop\0application_name\0")
                .doesNotContain("replication");
    }

    @Test
    void ourOtherMessagesAreAsTheProtocolWritesThem() {
        assertThat(FrontendMessage.sslRequest().getBytes())
                .isEqualTo(Backend.concat(Backend.int32(8), Backend.int32(80_877_103)));
        assertThat(FrontendMessage.query("SHOW x").getBytes())
                .isEqualTo(Backend.message('Q', Backend.string("SHOW x")));
        assertThat(FrontendMessage.copyDone().getBytes()).isEqualTo(Backend.message('c'));
        assertThat(FrontendMessage.terminate().getBytes()).isEqualTo(Backend.message('X'));
        assertThat(FrontendMessage.saslInitialResponse("SCRAM-SHA-256", "n,,").getBytes())
                .isEqualTo(
                        Backend.message(
                                'p',
                                Backend.string("SCRAM-SHA-256"),
                                Backend.int32(3),
                                "n,,".getBytes(StandardCharsets.US_ASCII)));
    }
}
