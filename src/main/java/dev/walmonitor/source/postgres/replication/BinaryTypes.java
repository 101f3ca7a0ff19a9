package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.Relation;
import dev.walmonitor.source.postgres.pgoutput.PgOutputDecoder;
import dev.walmonitor.source.postgres.types.TypeCatalogue;
import java.util.HashSet;
import java.util.Set;

/**
 * The types by which values in binary form are read. When a table is described that has a column of
 * a type that is not known, the stream waits until the catalogue was read anew. Owned by the
 * connection's event loop.
 */
final class BinaryTypes {
    private final PgOutputDecoder decoder;
    private final Intake intake;
    private final Runnable wanted;
    private final Set<Integer> unknown = new HashSet<>();
    private TypeCatalogue catalogue;

    /**
     * @param wanted asks for the catalogue; {@link #learned} takes the answer
     */
    BinaryTypes(TypeCatalogue catalogue, PgOutputDecoder decoder, Intake intake, Runnable wanted) {
        this.catalogue = catalogue;
        this.decoder = decoder;
        this.intake = intake;
        this.wanted = wanted;
    }

    void described(Relation relation) {
        boolean asked = isWaiting();
        for (Column column : relation.columns()) {
            if (!catalogue.knows(column.type())) {
                unknown.add(column.type());
            }
        }
        if (isWaiting() && !asked) {
            intake.pause(Intake.Reason.TYPES);
            wanted.run();
        }
    }

    boolean isWaiting() {
        return !unknown.isEmpty();
    }

    /** The catalogue as it is now; a type that it lacks was dropped since. */
    void learned(TypeCatalogue answer) {
        catalogue = answer.withGone(unknown);
        unknown.clear();
        decoder.typesLearned(catalogue);
        intake.resume(Intake.Reason.TYPES);
    }
}
