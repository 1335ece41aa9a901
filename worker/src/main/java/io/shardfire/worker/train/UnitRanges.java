package io.shardfire.worker.train;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.Span;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.FlatRange;
import io.shardfire.sharding.layout.ShardLayout;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** The operands of collectives per unit, made once so that a step allocates none. */
final class UnitRanges {
  private UnitRanges() {}

  /** Every unit of an arena indexed by the layout. */
  static Span[] units(ShardLayout layout, Arena arena) {
    return spans(layout, arena, layout::unit);
  }

  /** One rank's shard of every unit. */
  static Span[] shards(ShardLayout layout, int rank, Arena arena) {
    return spans(layout, arena, unit -> layout.shard(unit, rank));
  }

  private static Span[] spans(ShardLayout layout, Arena arena, IntFunction<FlatRange> ofUnit) {
    return IntStream.range(0, layout.units().size())
        .mapToObj(ofUnit)
        .map(range -> arena.span(range.offset(), range.length()))
        .toArray(Span[]::new);
  }

  /** The same on the host's side, where collectives work. */
  static FloatRange[] onHost(Span[] spans) {
    FloatRange[] ranges = new FloatRange[spans.length];
    for (int unit = 0; unit < spans.length; unit++) {
      Span span = spans[unit];
      ranges[unit] = new FloatRange(span.arena().array(), span.offset(), span.length());
    }
    return ranges;
  }
}
