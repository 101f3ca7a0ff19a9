/**
 * What the benchmarks of single parts have in common. The benchmarks stand in the packages of what
 * they measure.
 */
@NullMarked
package dev.walmonitor.bench.jmh;

import org.jspecify.annotations.NullMarked;
