package dev.walmonitor.source.postgres.types;

/**
 * One type of the catalogue.
 *
 * @param form how it is written; what it holds follows from it
 * @param delimiter between two of them in an array
 */
record PgType(Form form, char delimiter) {

    /** How the binary form is built. */
    sealed interface Form {
        record Scalar(TextForm text) implements Form {}

        /** Each value says of which type its elements are. */
        enum Container implements Form {
            ARRAY,
            /** An array that is written without braces. */
            VECTOR,
            COMPOSITE
        }

        /**
         * @param of the OID of the bounds' type
         */
        record Range(int of) implements Form {}

        /**
         * @param of the OID of the bounds' type
         */
        record Multirange(int of) implements Form {}

        /** There is no text of ours. */
        enum Opaque implements Form {
            OPAQUE
        }
    }
}
