package io.shardfire.worker.train;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.Pages;
import io.shardfire.worker.program.UnitSpans;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The memory of one rank.
 *
 * @param parameters whole units in the format of the layout: what passes read
 * @param masters in fp32 what this rank updates, its shards or whole units; none where it updates
 *     the parameters themselves
 * @param moments what the optimizer keeps: of the units, or of this rank's shards
 * @param levels gradients that are set aside, lowest level of the tree first
 */
record RankMemory(
    DeviceMemory device,
    Map<MemoryRole, Pages> pages,
    UnitSpans parameters,
    Optional<UnitSpans> masters,
    UnitSpans gradients,
    List<UnitSpans> moments,
    List<UnitSpans> levels) {

  static RankMemory allocate(ComputeContext compute, RankMemoryLayout layout) {
    DeviceMemory device = compute.newMemory();
    Map<MemoryRole, Pages> pages = new EnumMap<>(MemoryRole.class);
    layout.pages().forEach((role, plan) -> pages.put(role, device.allocate(role.toString(), plan)));
    return of(device, pages, layout);
  }

  /**
   * Memory that is there already.
   *
   * @param pages of the sizes that the layout plans
   */
  static RankMemory of(DeviceMemory device, Map<MemoryRole, Pages> pages, RankMemoryLayout layout) {
    return new RankMemory(
        device,
        pages,
        layout.parameters().in(pages.get(MemoryRole.PARAMETERS)),
        layout.masters().map(masters -> masters.in(pages.get(MemoryRole.MASTER_WEIGHTS))),
        layout.gradients().in(pages.get(MemoryRole.GRADIENTS)),
        layout.momentUnits().stream()
            .map(moment -> moment.in(pages.get(MemoryRole.MOMENTS)))
            .toList(),
        layout.levels().stream()
            .map(level -> level.in(pages.get(MemoryRole.GRADIENT_STACK)))
            .toList());
  }

  Pages activations() {
    return pages.get(MemoryRole.ACTIVATIONS);
  }

  /** All arenas. */
  List<Arena> arenas() {
    return pages.values().stream().flatMap(role -> role.arenas().stream()).toList();
  }

  /** What outlives a step: parameters, master weights where there are any, moments. */
  List<UnitSpans> state() {
    return Stream.of(Stream.of(parameters), masters.stream(), moments.stream())
        .flatMap(spans -> spans)
        .toList();
  }
}
