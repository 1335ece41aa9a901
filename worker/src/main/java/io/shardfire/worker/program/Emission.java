package io.shardfire.worker.program;

import io.shardfire.kernels.device.CommandRecorder;

/** Records the commands of an operation, once its operands have their places. */
@FunctionalInterface
public interface Emission {
  /** Called for every command buffer that the operation is part of. */
  void record(CommandRecorder recorder, Spans spans);
}
