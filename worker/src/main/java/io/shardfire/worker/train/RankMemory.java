package io.shardfire.worker.train;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.DeviceMemory;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The arenas of one rank.
 *
 * @param stack null when a rank has one logical shard
 */
record RankMemory(
    DeviceMemory device,
    Arena parameters,
    Arena gradients,
    Arena firstMoment,
    Arena secondMoment,
    Arena activations,
    Arena stack) {

  static RankMemory allocate(ComputeContext compute, RankMemoryLayout layout) {
    DeviceMemory device = compute.newMemory();
    return new RankMemory(
        device,
        device.allocate("parameters", layout.stateFloats()),
        device.allocate("gradients", layout.stateFloats()),
        device.allocate("first moment", layout.moments().floats()),
        device.allocate("second moment", layout.moments().floats()),
        device.allocate("activations", layout.activationFloats()),
        layout.stackLevels() == 0 ? null : device.allocate("gradient stack", layout.stackFloats()));
  }

  /** The arenas whose content outlives a step. */
  List<Arena> state() {
    return List.of(parameters, firstMoment, secondMoment);
  }

  /** All arenas. */
  List<Arena> arenas() {
    return Stream.of(parameters, gradients, firstMoment, secondMoment, activations, stack)
        .filter(Objects::nonNull)
        .toList();
  }
}
