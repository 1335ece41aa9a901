package io.shardfire.worker.program;

import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.UnitRange;
import java.util.List;
import java.util.stream.IntStream;

/** Units in arrays of their own, for tests that need no device. */
public final class UnitArrays {
  private UnitArrays() {}

  /** Zeroed, whole units. */
  public static List<FloatRange> of(ShardLayout layout) {
    return IntStream.range(0, layout.units().size())
        .map(unit -> layout.unit(unit).length())
        .mapToObj(length -> new FloatRange(new float[length], 0, length))
        .toList();
  }

  /** A tensor's elements. */
  public static FloatRange tensor(ShardLayout layout, List<FloatRange> units, String name) {
    UnitRange range = layout.tensor(name);
    return units.get(range.unit()).slice(range.offset(), range.length());
  }
}
