package dev.walmonitor.change;

/** A column's value before and after; either may be absent. */
public record Change(ColumnValue before, ColumnValue after) {}
