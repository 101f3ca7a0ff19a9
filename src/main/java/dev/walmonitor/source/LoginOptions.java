package dev.walmonitor.source;

import dev.walmonitor.source.SourcesConfig.SourceConfig;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where the password of a source comes from, if it does not stand in the URL.
 *
 * @param passwordFile a file that holds it
 * @param provider the credentials that a provider is asked for
 * @param providerName the provider's bean, where there are several
 */
public record LoginOptions(
        Optional<String> passwordFile, Optional<String> provider, Optional<String> providerName) {

    static LoginOptions of(SourceConfig config) {
        return new LoginOptions(
                config.passwordFile(),
                config.credentialsProvider(),
                config.credentialsProviderName());
    }

    /** Whether the password has to be asked for. */
    public boolean areGiven() {
        return passwordFile.isPresent() || provider.isPresent();
    }

    /** What cannot work together, one sentence each; empty if all is well. */
    public List<String> faults(DatabaseUrl url) {
        List<String> faults = new ArrayList<>();
        if (passwordFile.isPresent() && provider.isPresent()) {
            faults.add(
                    "The password is to come from password-file and from credentials-provider: keep one of the two.");
        }
        if (areGiven() && url.password() != null) {
            faults.add(
                    "The password stands in the URL and is to come from "
                            + (passwordFile.isPresent() ? "password-file" : "credentials-provider")
                            + " as well: take it out of the URL.");
        }
        if (providerName.isPresent() && provider.isEmpty()) {
            faults.add(
                    "credentials-provider-name names a bean, but nothing says which credentials to ask it for: set credentials-provider.");
        }
        if (passwordFile.isPresent() && !isPath(passwordFile.get())) {
            faults.add("password-file is not the path of a file.");
        }
        return faults;
    }

    /** What is wrong with the password file just now, if one is given. Blocks. */
    public Optional<String> missingPassword() {
        try {
            passwordFile.ifPresent(file -> {
                var _ = new PasswordFile(Path.of(file)).password();
            });
            return Optional.empty();
        } catch (NoLogin e) {
            return Optional.ofNullable(e.getMessage());
        }
    }

    private static boolean isPath(String text) {
        try {
            return Path.of(text).getFileName() != null;
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
