package io.shardfire.worker.train;

import io.shardfire.kernels.device.PageAllocator;
import io.shardfire.sharding.checkpoint.MomentSet;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.UnitRange;
import io.shardfire.worker.program.UnitPlacement;
import io.shardfire.worker.program.UnitSpans;

/**
 * What a rank keeps of each of the optimizer's moments: all units, or, when they are sharded, only
 * its shard of each:
 *
 * <pre>
 * layout    | unit 0: shard 0 | shard 1 | unit 1: shard 0 | shard 1 |
 * rank 1    | unit 0's shard 1 | unit 1's shard 1 |
 * </pre>
 */
record MomentLayout(MomentSet set, boolean sharded) {
  ShardLayout layout() {
    return set.layout();
  }

  /** Places one moment. */
  UnitPlacement place(PageAllocator allocator) {
    return sharded
        ? UnitPlacement.shards(allocator, layout())
        : UnitPlacement.units(allocator, layout());
  }

  /** A rank's shard of every unit, of a moment that is kept like this. */
  UnitSpans owned(UnitSpans moment, int rank) {
    return sharded ? moment : moment.shards(layout(), rank);
  }

  /** What {@code rank} has of a unit. */
  UnitRange kept(int unit, int rank) {
    return sharded ? layout().shard(unit, rank) : layout().unit(unit);
  }
}
