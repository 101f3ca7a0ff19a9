package dev.walmonitor.admin.command.remote;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Passes over the one transaction that a source cannot read. */
@Command(
        name = "skip",
        description = {
            "Passes over the one transaction that a POISONED source cannot read.",
            "Its changes are then a gap on record. Any other transaction is refused."
        })
public final class SkipCommand extends RemoteCommand {

    /** Which transaction. */
    static final class Which {
        @Option(
                names = "--xid",
                required = true,
                paramLabel = "N",
                description = "The number of the transaction that blocks the source.")
        @Nullable String xid;

        @Option(
                names = "--lsn",
                required = true,
                paramLabel = "LSN",
                description = "The position of its commit, such as 16/B374D848.")
        @Nullable String lsn;

        private String query() {
            return xid != null
                    ? "xid=" + Service.encoded(xid)
                    : "lsn=" + Service.encoded(String.valueOf(lsn));
        }
    }

    @ArgGroup(exclusive = true, multiplicity = "1")
    Which which = new Which();

    @Option(names = "--source", paramLabel = "NAME", description = "The source (${DEFAULT-VALUE}).")
    String source = "main";

    @Override
    int run(Service service) {
        out().println(
                        service.post(
                                        "/replication/"
                                                + Service.encoded(source)
                                                + "/skip?"
                                                + which.query(),
                                        null)
                                .path("detail")
                                .asText());
        return 0;
    }
}
