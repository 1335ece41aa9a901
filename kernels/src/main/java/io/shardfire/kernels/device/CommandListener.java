package io.shardfire.kernels.device;

/** Hears of commands that ran alone. */
@FunctionalInterface
public interface CommandListener {
  /** Called after a command, with how long it took, its launch included. */
  void ran(CommandWork work, long nanos);
}
