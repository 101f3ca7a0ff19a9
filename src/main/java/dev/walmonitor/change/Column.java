package dev.walmonitor.change;

/**
 * One column of a {@link Relation}.
 *
 * @param name as in the catalogue
 * @param type the type's OID
 * @param typeModifier as in {@code pg_attribute.atttypmod}; -1 if the type has none
 * @param identity whether the column belongs to the replica identity; under {@link
 *     ReplicaIdentity#FULL} every column does
 */
public record Column(String name, int type, int typeModifier, boolean identity) {}
