package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Span;

/**
 * Checks the operands of one operation before it is recorded; every message names the operation,
 * the operand and the values.
 */
record Operands(String operation) {

  Operands positive(String name, int value) {
    return require(value >= 1, "must be at least 1", name, value);
  }

  Operands atLeast(String name, int value, int minimum) {
    return require(value >= minimum, "must be at least " + minimum, name, value);
  }

  Operands require(boolean condition, String rule, String name, Object value) {
    if (!condition) {
      throw new IllegalArgumentException(
          operation + ": " + name + " " + rule + ": " + name + "=" + value);
    }
    return this;
  }

  /** Requires at least {@code floats} floats. */
  Operands holds(String name, Span span, long floats) {
    if (span == null) {
      throw new IllegalArgumentException(operation + ": " + name + " is missing");
    }
    if (span.length() < floats) {
      throw new IllegalArgumentException(
          operation
              + ": "
              + name
              + " is too short: length="
              + span.length()
              + ", needed="
              + floats
              + ", arena="
              + span.arena().name()
              + ", offset="
              + span.offset());
    }
    return this;
  }

  /** Requires exactly {@code floats} floats. */
  Operands exactly(String name, Span span, int floats) {
    holds(name, span, floats);
    return require(
        span.length() == floats,
        "must have the length of the others, " + floats,
        name,
        span.length());
  }

  /** Requires that the two do not share a float. Null spans share nothing. */
  Operands disjoint(String nameA, Span a, String nameB, Span b) {
    if (overlap(a, b)) {
      throw new IllegalArgumentException(
          operation
              + ": "
              + nameA
              + " and "
              + nameB
              + " must not overlap: "
              + nameA
              + "="
              + a
              + ", "
              + nameB
              + "="
              + b);
    }
    return this;
  }

  /** Requires that the two are the same floats or share none. */
  Operands sameOrDisjoint(String nameA, Span a, String nameB, Span b) {
    if (overlap(a, b) && a.offset() != b.offset()) {
      throw new IllegalArgumentException(
          operation
              + ": "
              + nameA
              + " and "
              + nameB
              + " must be the same floats or not overlap: "
              + nameA
              + "="
              + a
              + ", "
              + nameB
              + "="
              + b);
    }
    return this;
  }

  private static boolean overlap(Span a, Span b) {
    return a != null
        && b != null
        && a.arena() == b.arena()
        && a.offset() < (long) b.offset() + b.length()
        && b.offset() < (long) a.offset() + a.length();
  }

  /** {@code count} divided by {@code step}, rounded up. */
  static long tiles(long count, int step) {
    return (count + step - 1) / step;
  }
}
