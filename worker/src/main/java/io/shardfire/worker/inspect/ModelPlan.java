package io.shardfire.worker.inspect;

import io.shardfire.kernels.device.PageAllocator;
import io.shardfire.kernels.device.PagePlan;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.worker.program.Placement;
import io.shardfire.worker.program.UnitPlacement;
import java.util.List;

/**
 * Where the parameters of a model lie, and the values of its passes. Plain arithmetic.
 *
 * @param units where they lie in {@code parameters}
 * @param placement of the values of all passes
 * @param passes of one model; never run at the same time, so that they share space
 */
record ModelPlan(
    ShardLayout layout,
    UnitPlacement units,
    PagePlan parameters,
    Placement placement,
    List<PlannedPass> passes) {
  /** Copies. */
  ModelPlan {
    passes = List.copyOf(passes);
  }

  /**
   * Places passes of one model.
   *
   * @throws io.shardfire.kernels.device.ComputeException when a page cannot hold a unit or a value
   */
  static ModelPlan of(List<PlannedPass> passes) {
    ShardLayout layout = ShardLayout.of(passes.get(0).program().units(), 1);
    PageSize size = PageSize.configured();
    PageAllocator allocator = new PageAllocator(size);
    UnitPlacement units = UnitPlacement.units(allocator, layout);
    return new ModelPlan(
        layout,
        units,
        allocator.plan(),
        Placement.of(size, List.of(), passes.stream().map(PlannedPass::program).toList()),
        passes);
  }
}
