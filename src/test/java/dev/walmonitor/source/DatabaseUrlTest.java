package dev.walmonitor.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.walmonitor.source.DatabaseUrl.Kind;
import dev.walmonitor.source.DatabaseUrl.SslMode;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseUrlTest {
    private static final String EXAMPLE = "postgresql://USER:PASSWORD@HOST:5432/DATABASE";

    @Test
    void reads_every_part() {
        DatabaseUrl url =
                DatabaseUrl.parse(
                        "postgresql://app:s3cret@db.example:6543/shop?sslmode=verify-full&a=b");

        assertThat(url)
                .isEqualTo(
                        new DatabaseUrl(
                                Kind.POSTGRESQL,
                                "db.example",
                                6543,
                                "shop",
                                "app",
                                new Secret("s3cret"),
                                Map.of("sslmode", "verify-full", "a", "b")));
        assertThat(url.sslMode()).isEqualTo(SslMode.VERIFY_FULL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgres://app:pw@db/shop",
                "postgresql://app:pw@db/shop",
                "POSTGRESQL://app:pw@db/shop",
                "postgresql+asyncpg://app:pw@db/shop",
                "postgresql+psycopg2://app:pw@db:5432/shop",
                "jdbc:postgresql://db:5432/shop?user=app&password=pw",
                "app:pw@db/shop",
                "//app:pw@db:5432/shop",
                "  postgres://app:pw@db:/shop\n"
            })
    void every_known_scheme_and_none_is_postgresql(String text) {
        assertThat(DatabaseUrl.parse(text))
                .isEqualTo(
                        new DatabaseUrl(
                                Kind.POSTGRESQL,
                                "db",
                                5432,
                                "shop",
                                "app",
                                new Secret("pw"),
                                Map.of()));
    }

    @ParameterizedTest
    @CsvSource({
        "p%40ss,         p@ss",
        "p%2Fss%3A%3F,   p/ss:?",
        "%C3%A4%25,      ä%",
        "a+b,            a+b",
        "p@ss,           p@ss",
        "a:b,            a:b",
        "'%20',          ' '",
    })
    void the_password_is_percent_decoded(String encoded, String password) {
        DatabaseUrl url = DatabaseUrl.parse("postgresql://app:" + encoded + "@db/shop");

        assertThat(url.password()).isEqualTo(new Secret(password));
        assertThat(url.host()).isEqualTo("db");
    }

    @Test
    void user_and_database_are_percent_decoded() {
        DatabaseUrl url = DatabaseUrl.parse("postgresql://an%20app@db/a%2Fb");

        assertThat(url.user()).isEqualTo("an app");
        assertThat(url.database()).isEqualTo("a/b");
    }

    @Test
    void a_user_as_parameter_may_hold_an_at_sign() {
        DatabaseUrl url =
                DatabaseUrl.parse("jdbc:postgresql://db/shop?user=app@server&password=p@ss/w");

        assertThat(url.user()).isEqualTo("app@server");
        assertThat(url.password()).isEqualTo(new Secret("p@ss/w"));
    }

    @ParameterizedTest
    @CsvSource({
        "postgres://app@[::1]:6543/shop, ::1, 6543, [::1]",
        "postgres://app@[2001:db8::7]/shop, 2001:db8::7, 5432, [2001:db8::7]",
        "postgres://app@127.0.0.1/shop, 127.0.0.1, 5432, 127.0.0.1",
    })
    void addresses_are_hosts(String text, String host, int port, String inUrl) {
        DatabaseUrl url = DatabaseUrl.parse(text);

        assertThat(url.host()).isEqualTo(host);
        assertThat(url.port()).isEqualTo(port);
        assertThat(url.hostInUrl()).isEqualTo(inUrl);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgres://app@db",
                "postgres://app@db/",
                "postgres://app@db/?sslmode=prefer"
            })
    void without_a_database_it_is_the_users_name_and_without_a_password_there_is_none(String text) {
        assertThat(DatabaseUrl.parse(text).database()).isEqualTo("app");
        assertThat(DatabaseUrl.parse(text).password()).isNull();
        assertThat(DatabaseUrl.parse(text).sslMode()).isEqualTo(SslMode.PREFER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})
    void libpqs_ssl_modes_are_known(String word) {
        assertThat(DatabaseUrl.parse("postgres://app@db?sslmode=" + word).sslMode().word())
                .isEqualTo(word);
    }

    @Test
    void ssl_true_means_require_unless_a_mode_is_given() {
        assertThat(DatabaseUrl.parse("postgres://app@db?ssl=true").sslMode())
                .isEqualTo(SslMode.REQUIRE);
        assertThat(DatabaseUrl.parse("postgres://app@db?ssl=true&sslmode=verify-ca").sslMode())
                .isEqualTo(SslMode.VERIFY_CA);
    }

    @Test
    void never_prints_a_secret() {
        DatabaseUrl url =
                DatabaseUrl.parse(
                        "postgres://app:hunter2@[::1]/shop?sslpassword=hunter2&sslmode=require");

        assertThat(url)
                .hasToString(
                        "postgresql://app:***@[::1]:5432/shop?sslmode=require&sslpassword=***");
        assertThat(String.valueOf(url.password())).isEqualTo("***");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                   | The database URL is empty: set it to "
                        + EXAMPLE
                        + ".",
                "'\"postgres://app:hunter2@db/shop\"' | The database URL is in quotation marks: remove them.",
                "postgres://app:hun ter2@db/shop      | The database URL has white space inside: write it as %20.",
                "oracle://app:hunter2@db/shop         | The database URL has a scheme that is not known: write"
                        + " postgresql://, postgres:// or jdbc:postgresql://.",
                "mysql+pymysql://app:hunter2@db/shop  | The database URL names a MySQL or MariaDB database, and only"
                        + " PostgreSQL can be watched yet: write "
                        + EXAMPLE
                        + ".",
                "mariadb://app:hunter2@db/shop        | The database URL names a MySQL or MariaDB database, and only"
                        + " PostgreSQL can be watched yet: write "
                        + EXAMPLE
                        + ".",
                "postgres://db:5432/shop              | The database URL names no user: write "
                        + EXAMPLE
                        + ".",
                "postgres://app:hunter2@/shop         | The database URL names no host: write "
                        + EXAMPLE
                        + ".",
                "postgres://app:hunter2@a,b/shop      | The database URL names several hosts: name one, the primary or"
                        + " an address that follows it.",
                "postgres://app:hunter2@%2Frun/shop   | The database URL names a Unix socket: name a host, as "
                        + EXAMPLE
                        + ".",
                "postgres://app:hunter2@[::1/shop     | The database URL opens a [ for an IPv6 address and does not"
                        + " close it: write [::1]:5432.",
                "postgres://app:hunter2@::1/shop      | The database URL has two colons in its host and port: write an"
                        + " IPv6 address in brackets, as [::1]:5432.",
                "postgres://app:hunter2@db:0/shop     | The database URL's port is not a number from 1 to 65535: write "
                        + EXAMPLE
                        + "; in user and password write / as %2F, : as %3A, @ as %40.",
                "postgres://app:hunter2@db:65536/shop | The database URL's port is not a number from 1 to 65535: write "
                        + EXAMPLE
                        + "; in user and password write / as %2F, : as %3A, @ as %40.",
                "postgres://app:hunter2@db:٣/shop     | The database URL's port is not a number from 1 to 65535: write "
                        + EXAMPLE
                        + "; in user and password write / as %2F, : as %3A, @ as %40.",
                "postgres://app:hun/ter2@db/shop      | The database URL has an @ after a / or ?: in user and password"
                        + " write / as %2F, ? as %3F, @ as %40.",
                "postgres://app:hun?ter2@db/shop      | The database URL has an @ after a / or ?: in user and password"
                        + " write / as %2F, ? as %3F, @ as %40.",
                "postgres://app:hunter2%@db/shop      | The database URL's password has a % that does not begin an"
                        + " encoded character: write % as %25.",
                "postgres://app:hunter2%4@db/shop     | The database URL's password has a % that does not begin an"
                        + " encoded character: write % as %25.",
                "postgres://app:hunter2%FF@db/shop    | The database URL's password has a % that does not begin an"
                        + " encoded character: write % as %25.",
                "postgres://app:hunter2%00@db/shop    | The database URL's password has a zero byte (%00), which no"
                        + " database takes: remove it.",
                "postgres://app:hunter2@db/shop?x     | The database URL has a parameter without a value after its ?:"
                        + " write NAME=VALUE.",
                "postgres://app:hunter2@db?sslmode=on | The database URL's sslmode is not known: write disable, allow,"
                        + " prefer, require, verify-ca, verify-full."
            })
    void a_fault_is_one_sentence_that_names_what_to_do(String text, String sentence) {
        assertThatThrownBy(() -> DatabaseUrl.parse(text))
                .isInstanceOf(MalformedUrl.class)
                .hasMessage(sentence)
                .message()
                .doesNotContain("hunter2", "hun", "ter2");
    }

    @Test
    void all_faults_are_told_at_once() {
        @Nullable MalformedUrl fault =
                catchThrowableOfType(
                        MalformedUrl.class,
                        () -> DatabaseUrl.parse("postgres://:hunter2@:99999/shop?sslmode=on"));

        assertThat(fault).isNotNull();
        assertThat(fault.faults())
                .containsExactly(
                        "The database URL names no user: write " + EXAMPLE + ".",
                        "The database URL names no host: write " + EXAMPLE + ".",
                        "The database URL's port is not a number from 1 to 65535: write "
                                + EXAMPLE
                                + "; in user and password write / as %2F, : as %3A, @ as %40.",
                        "The database URL's sslmode is not known: write disable, allow, prefer, require, verify-ca,"
                                + " verify-full.");
        assertThat(fault).hasMessage(String.join(" ", fault.faults()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "p@ss:w/rd?#%", "ä€😀", " +&=", ""})
    void what_is_encoded_can_be_decoded(String text) {
        assertThat(PercentEncoding.encode(text)).matches("[A-Za-z0-9._~%-]*");
        assertThat(PercentEncoding.decode(PercentEncoding.encode(text))).isEqualTo(text);
    }
}
