package io.shardfire.kernels.device;

/**
 * Records operations. Dependencies between operations are derived from the spans they read and
 * write; independent operations run side by side. Not thread-safe.
 */
public final class CommandRecorder {
  private final DeviceMemory memory;
  private final String name;
  private final PhaseSchedule schedule = new PhaseSchedule();
  private boolean finished;

  CommandRecorder(DeviceMemory memory, String name) {
    this.memory = memory;
    this.name = name;
  }

  /**
   * Appends a command; the launchers in {@code io.shardfire.kernels.ops} call it after checking
   * their operands.
   *
   * @throws IllegalArgumentException when an operand lies in another {@link DeviceMemory}
   */
  public void add(Command command) {
    if (finished) {
      throw new IllegalStateException("The recording is finished: commandBuffer=" + name);
    }
    command.reads().forEach(extent -> requireOwn(command, extent));
    command.writes().forEach(extent -> requireOwn(command, extent));
    schedule.add(command);
  }

  private void requireOwn(Command command, Extent extent) {
    if (extent.arena().memory() != memory) {
      throw new IllegalArgumentException(
          "An operand belongs to the arenas of another rank: opcode="
              + command.opcode()
              + ", arena="
              + extent.arena().name()
              + ", commandBuffer="
              + name);
    }
  }

  /** Threads the device runs at once: launchers divide their work with it. */
  public int computeUnits() {
    return memory.context().device().computeUnits();
  }

  /** The form of the kernels that the commands are for. */
  public KernelForm form() {
    return memory.context().form();
  }

  /** What computes products in bf16. */
  public ProductUnit unit() {
    return memory.context().unit();
  }

  /** Columns of a panel, the unit in which operations divide the columns of a matrix. */
  public int panelColumns() {
    return memory.context().panelColumns();
  }

  /** What the device's record says, such as the rows of a tile. */
  public int tuned(Tunable tunable) {
    return memory.context().record().value(tunable);
  }

  /** Phases so far: operations of one phase run side by side. */
  public int phaseCount() {
    return schedule.phases().size();
  }

  /** Ends the recording. */
  public CommandBuffer finish() {
    if (finished) {
      throw new IllegalStateException("The recording is finished: commandBuffer=" + name);
    }
    finished = true;
    return memory.store(name, schedule);
  }
}
