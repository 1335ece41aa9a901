package io.shardfire.worker.program;

/**
 * Memory that one or more values share, compared by identity.
 *
 * <p>Transient storage holds something from its first to its last use in a run of a program, and
 * the memory serves others before and after.
 */
final class Storage {
  /** How long it holds something, and whether as it was written. */
  enum Kind {
    /**
     * Has its place to itself: the host fills it or reads it between runs, or it lasts from one run
     * to the next.
     */
    PINNED,

    /** Transient: what a layer makes, which may be rounded while it waits for the backward pass. */
    ACTIVATION,

    /** Transient, and as it was written always: statistics of rows, scratch space, gradients. */
    EXACT
  }

  private final String name;
  private final long floats;
  private final Kind kind;

  Storage(String name, long floats, Kind kind) {
    this.name = name;
    this.floats = floats;
    this.kind = kind;
  }

  String name() {
    return name;
  }

  long floats() {
    return floats;
  }

  Kind kind() {
    return kind;
  }

  boolean pinned() {
    return kind == Kind.PINNED;
  }

  @Override
  public String toString() {
    return name + "[floats=" + floats + "]";
  }
}
