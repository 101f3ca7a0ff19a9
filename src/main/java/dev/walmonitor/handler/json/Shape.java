package dev.walmonitor.handler.json;

/** What {@code to_jsonb} makes of the values of a type. */
sealed interface Shape {

    enum Scalar implements Shape {
        /** A string of the value's text: whatever is none of the others. */
        TEXT,
        BOOL,
        /** Integers and numeric, whose text is a JSON number unless it is NaN or an infinity. */
        NUMBER,
        /** The same with an exponent, which jsonb does not keep. */
        FLOAT,
        TIMESTAMP,
        TIMESTAMPTZ,
        /** Text that jsonb normalises. */
        JSON,
        /** Text that is as jsonb prints it already. */
        JSONB
    }

    /**
     * @param delimiter what stands between two elements in the array's text
     */
    record ArrayOf(Shape element, char delimiter) implements Shape {}

    /** Of int2vector and oidvector: arrays to JSON, though their text is a list with spaces. */
    record VectorOf(Scalar element) implements Shape {}

    /** Not to be had from the value's text. */
    enum Opaque implements Shape {
        OPAQUE
    }
}
