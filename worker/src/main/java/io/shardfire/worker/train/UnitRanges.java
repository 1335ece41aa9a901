package io.shardfire.worker.train;

import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Pending;
import io.shardfire.sharding.layout.FlatRange;
import io.shardfire.sharding.layout.ShardLayout;

/** The operands of collectives per unit, made once so that a step allocates none. */
final class UnitRanges {
  private UnitRanges() {}

  /** Every unit of an array indexed by the layout. */
  static FloatRange[] units(ShardLayout layout, float[] array) {
    FloatRange[] ranges = new FloatRange[layout.units().size()];
    for (int unit = 0; unit < ranges.length; unit++) {
      ranges[unit] = range(array, layout.unit(unit));
    }
    return ranges;
  }

  /** One rank's shard of every unit. */
  static FloatRange[] shards(ShardLayout layout, int rank, float[] array) {
    FloatRange[] ranges = new FloatRange[layout.units().size()];
    for (int unit = 0; unit < ranges.length; unit++) {
      ranges[unit] = range(array, layout.shard(unit, rank));
    }
    return ranges;
  }

  /** Waits for the last unit first: its collective was started first. */
  static void await(Pending[] pending) {
    for (int unit = pending.length - 1; unit >= 0; unit--) {
      if (pending[unit] != null) {
        pending[unit].await();
        pending[unit] = null;
      }
    }
  }

  private static FloatRange range(float[] array, FlatRange range) {
    return new FloatRange(array, range.offset(), range.length());
  }
}
