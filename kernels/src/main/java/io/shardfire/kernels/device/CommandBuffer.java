package io.shardfire.kernels.device;

import java.util.List;

/**
 * Recorded operations with fixed shapes and offsets, run as one launch where the device allows it.
 * Owned by one thread at a time, like its memory.
 */
public final class CommandBuffer {
  private final DeviceMemory memory;
  private final String name;
  private final int firstWord;
  private final List<CommandWork> works;
  private final int phases;
  private final int[] tileEnds;

  CommandBuffer(
      DeviceMemory memory,
      String name,
      int firstWord,
      List<CommandWork> works,
      int phases,
      int... tileEnds) {
    this.memory = memory;
    this.name = name;
    this.firstWord = firstWord;
    this.works = works;
    this.phases = phases;
    this.tileEnds = tileEnds;
  }

  /** The name given at recording. */
  public String name() {
    return name;
  }

  /** Recorded commands. */
  public int commands() {
    return works.size();
  }

  /** Groups of commands that run side by side, one group after the other. */
  public int phases() {
    return phases;
  }

  /** What its commands do, in the order of the table. */
  List<CommandWork> works() {
    return works;
  }

  /** Pieces of work up to the end of a command. */
  int tilesTo(int command) {
    return tileEnds[command];
  }

  /** Where a command begins in the table. */
  int word(int command) {
    return firstWord + command * Command.WORDS;
  }

  /**
   * Runs all operations and waits for them.
   *
   * @throws ComputeException when an arena moved or the launch failed
   */
  public void run() {
    if (!works.isEmpty()) {
      memory.launch(this);
    }
  }

  @Override
  public String toString() {
    return name + "[commands=" + works.size() + ", phases=" + phases + "]";
  }
}
