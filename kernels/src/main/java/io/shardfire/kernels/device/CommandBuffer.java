package io.shardfire.kernels.device;

/**
 * Recorded operations with fixed shapes and offsets, run as one launch where the device allows it.
 * Owned by one thread at a time, like its memory.
 */
public final class CommandBuffer {
  private final DeviceMemory memory;
  private final String name;
  private final int firstWord;
  private final int commands;
  private final int phases;
  private final int tiles;

  CommandBuffer(
      DeviceMemory memory, String name, int firstWord, int commands, int phases, int tiles) {
    this.memory = memory;
    this.name = name;
    this.firstWord = firstWord;
    this.commands = commands;
    this.phases = phases;
    this.tiles = tiles;
  }

  /** The name given at recording. */
  public String name() {
    return name;
  }

  /** Recorded commands. */
  public int commands() {
    return commands;
  }

  /** Groups of commands that run side by side, one group after the other. */
  public int phases() {
    return phases;
  }

  /** Pieces of work over all commands. */
  int tiles() {
    return tiles;
  }

  int firstWord() {
    return firstWord;
  }

  /**
   * Runs all operations and waits for them.
   *
   * @throws ComputeException when an arena moved or the launch failed
   */
  public void run() {
    if (commands > 0) {
      memory.launch(this);
    }
  }

  @Override
  public String toString() {
    return name + "[commands=" + commands + ", phases=" + phases + ", tiles=" + tiles + "]";
  }
}
