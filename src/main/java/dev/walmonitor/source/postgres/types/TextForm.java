package dev.walmonitor.source.postgres.types;

/** How the binary form of some types is written as text. */
@FunctionalInterface
interface TextForm {
    /**
     * @throws BinaryValue.Malformed if the value is not of such a type
     */
    String text(BinaryValue in);
}
