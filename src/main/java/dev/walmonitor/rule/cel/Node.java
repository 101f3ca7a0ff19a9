package dev.walmonitor.rule.cel;

import org.projectnessie.cel.common.types.ref.Val;

/**
 * One operation of an expression, ready to be asked. Never throws: what fails is an error value.
 */
@FunctionalInterface
interface Node {

    /**
     * @param locals the variables of loops such as {@code exists}, by their slot
     */
    Val in(Facts facts, Val[] locals);
}
