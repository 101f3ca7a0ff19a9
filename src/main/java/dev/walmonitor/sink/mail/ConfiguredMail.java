package dev.walmonitor.sink.mail;

import dev.walmonitor.sink.Channel;
import io.quarkus.mailer.reactive.ReactiveMailer;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The mail server of the configuration. */
final class ConfiguredMail {

    @Produces
    @Singleton
    Channel mail(
            MailConfig config,
            Instance<ReactiveMailer> mailer,
            @ConfigProperty(name = "quarkus.mailer.from") Optional<String> from) {
        return new MailChannel(mail -> mailer.get().send(mail), config, from);
    }
}
