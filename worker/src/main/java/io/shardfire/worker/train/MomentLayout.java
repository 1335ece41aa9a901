package io.shardfire.worker.train;

import io.shardfire.kernels.device.PageAllocator;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.UnitRange;
import io.shardfire.worker.program.UnitPlacement;
import io.shardfire.worker.program.UnitSpans;

/**
 * What a rank keeps of each of AdamW's moments. At stage 0 it has them like the parameters, all of
 * them on every rank. At stage 1 a rank has only its shard of each unit:
 *
 * <pre>
 * layout    | unit 0: shard 0 | shard 1 | unit 1: shard 0 | shard 1 |
 * rank 1    | unit 0's shard 1 | unit 1's shard 1 |
 * </pre>
 */
record MomentLayout(ShardLayout layout, boolean sharded) {
  static MomentLayout of(ShardLayout layout, int zeroStage) {
    return new MomentLayout(layout, zeroStage == 1 && layout.worldSize() > 1);
  }

  /** Places one moment. */
  UnitPlacement place(PageAllocator allocator) {
    return sharded
        ? UnitPlacement.shards(allocator, layout)
        : UnitPlacement.units(allocator, layout);
  }

  /** A rank's shard of every unit, of a moment that is kept like this. */
  UnitSpans owned(UnitSpans moment, int rank) {
    return sharded ? moment : moment.shards(layout, rank);
  }

  /** The parameters of a unit whose moments {@code rank} has, and which it updates. */
  UnitRange updated(int unit, int rank) {
    return sharded ? layout.shard(unit, rank) : layout.unit(unit);
  }
}
