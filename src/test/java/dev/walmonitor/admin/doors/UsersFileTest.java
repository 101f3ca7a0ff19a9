package dev.walmonitor.admin.doors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.quarkus.elytron.security.common.BcryptUtil;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsersFileTest {
    private static final String HASH = BcryptUtil.bcryptHash("first", 4);

    @TempDir Path directory;

    @Test
    void aUserIsKnownByHisPasswordAndHasHisRole() throws IOException {
        FileUsers users = users("# who may\n\nanna:operator:" + HASH + "\nben:viewer:" + HASH);

        assertThat(users.visitor("anna", "first")).contains(new Visitor("anna", Role.OPERATOR));
        assertThat(users.visitor("anna", "first")).as("again").isPresent();
        assertThat(users.visitor("ben", "first")).contains(new Visitor("ben", Role.VIEWER));
        assertThat(users.visitor("ben", "second")).isEmpty();
        assertThat(users.visitor("carl", "first")).isEmpty();
        assertThat(users.visitor("carl", "nobody")).isEmpty();
    }

    @Test
    void theFormsOfBcryptAreOne() throws IOException {
        for (String form : List.of("$2a$", "$2b$", "$2y$")) {
            FileUsers users = users("anna:viewer:" + form + HASH.substring(4));
            assertThat(users.visitor("anna", "first")).as(form).isPresent();
        }
    }

    @Test
    void aChangeOfTheFileCountsAtOnceAndABadOneNotAtAll() throws IOException {
        FileUsers users = users("anna:operator:" + HASH);
        assertThat(users.visitor("anna", "first")).isPresent();

        write("anna:viewer:" + BcryptUtil.bcryptHash("second", 4) + "\n# changed");
        assertThat(users.visitor("anna", "first")).as("remembered no more").isEmpty();
        assertThat(users.visitor("anna", "second")).contains(new Visitor("anna", Role.VIEWER));

        write("anna");
        assertThat(users.visitor("anna", "second")).as("bad file").isPresent();
        Files.delete(directory.resolve("users"));
        assertThat(users.visitor("anna", "second")).as("no file").isPresent();
    }

    @Test
    void whatIsWrongWithAFileIsToldByItsLine() throws IOException {
        assertThat(new UsersFile(write("anna:operator:" + HASH)).fault()).isNull();
        assertThat(new UsersFile(directory.resolve("none")).fault())
                .isEqualTo(
                        "The file of users "
                                + directory.resolve("none")
                                + " cannot be read: NoSuchFileException");
        assertThat(new UsersFile(write("anna:operator:" + HASH + "\nben:secret")).fault())
                .isEqualTo(
                        "The file of users "
                                + directory.resolve("users")
                                + ", line 2: expected name:role:hash.");
        assertThatThrownBy(() -> UserList.parse(List.of("anna:boss:" + HASH)))
                .hasMessage("line 1: expected the role viewer or operator");
        assertThatThrownBy(() -> UserList.parse(List.of("anna:viewer:plain")))
                .hasMessage("line 1: expected a hash of bcrypt, such as $2y$10$…");
        assertThatThrownBy(() -> UserList.parse(List.of("a:viewer:" + HASH, "a:viewer:" + HASH)))
                .hasMessage("line 2: expected another name, as this one was there before");
    }

    private FileUsers users(String content) throws IOException {
        UsersFile file = new UsersFile(write(content));
        assertThat(file.fault()).isNull();
        return new FileUsers(file);
    }

    @CanIgnoreReturnValue
    private Path write(String content) throws IOException {
        return Files.writeString(directory.resolve("users"), content);
    }
}
