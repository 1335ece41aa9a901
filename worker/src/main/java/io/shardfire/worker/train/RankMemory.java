package io.shardfire.worker.train;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.DeviceMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The arenas of one rank.
 *
 * @param stack null when no gradients are set aside there
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
    List<Arena> arenas = new ArrayList<>();
    for (RankMemoryLayout.ArenaSize size : layout.arenas()) {
      arenas.add(device.allocate(size.name(), size.floats()));
    }
    return new RankMemory(
        device,
        arenas.get(0),
        arenas.get(1),
        arenas.get(2),
        arenas.get(3),
        arenas.get(4),
        arenas.size() == 5 ? null : arenas.get(5));
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
