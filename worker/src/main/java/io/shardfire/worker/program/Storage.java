package io.shardfire.worker.program;

/**
 * Memory that one or more values share, compared by identity.
 *
 * <p>Transient storage holds something from its first to its last use in a run of a program, and
 * the memory serves others before and after. Pinned storage has its place to itself: the host fills
 * it or reads it between runs, or it lasts from one run to the next.
 */
final class Storage {
  private final String name;
  private final long floats;
  private final boolean pinned;

  Storage(String name, long floats, boolean pinned) {
    this.name = name;
    this.floats = floats;
    this.pinned = pinned;
  }

  String name() {
    return name;
  }

  long floats() {
    return floats;
  }

  boolean pinned() {
    return pinned;
  }

  @Override
  public String toString() {
    return name + "[floats=" + floats + "]";
  }
}
