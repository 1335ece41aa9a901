package io.shardfire.worker.train;

import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Pending;
import io.shardfire.sharding.layout.FlatRange;
import io.shardfire.sharding.layout.ShardLayout;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** The operands of collectives per unit, made once so that a step allocates none. */
final class UnitRanges {
  private UnitRanges() {}

  /** Every unit of an array indexed by the layout. */
  static FloatRange[] units(ShardLayout layout, float[] array) {
    return ranges(layout, array, layout::unit);
  }

  /** One rank's shard of every unit. */
  static FloatRange[] shards(ShardLayout layout, int rank, float[] array) {
    return ranges(layout, array, unit -> layout.shard(unit, rank));
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

  private static FloatRange[] ranges(
      ShardLayout layout, float[] array, IntFunction<FlatRange> ofUnit) {
    return IntStream.range(0, layout.units().size())
        .mapToObj(ofUnit)
        .map(range -> new FloatRange(array, range.offset(), range.length()))
        .toArray(FloatRange[]::new);
  }
}
