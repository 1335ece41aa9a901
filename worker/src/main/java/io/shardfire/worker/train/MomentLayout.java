package io.shardfire.worker.train;

import io.shardfire.sharding.layout.FlatRange;
import io.shardfire.sharding.layout.ShardLayout;

/**
 * Where a rank keeps each of AdamW's moments. At stage 0 they lie like the parameters, all of them
 * on every rank. At stage 1 a rank has only its shards, one behind the other:
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

  /** Floats of the arena of one moment. */
  long floats() {
    int length = sharded ? layout.length() / layout.worldSize() : layout.length();
    return (long) layout.base() + length;
  }

  /** The parameters of a unit whose moments {@code rank} has, and which it updates. */
  FlatRange updated(int unit, int rank) {
    return sharded ? layout.shard(unit, rank) : layout.unit(unit);
  }

  /** Where the moments of {@link #updated} start. */
  int start(int unit) {
    FlatRange range = layout.unit(unit);
    return sharded
        ? layout.base() + (range.offset() - layout.base()) / layout.worldSize()
        : range.offset();
  }
}
