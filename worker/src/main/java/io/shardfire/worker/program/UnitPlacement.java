package io.shardfire.worker.program;

import io.shardfire.kernels.device.PageAllocator;
import io.shardfire.kernels.device.Pages;
import io.shardfire.kernels.device.Span;
import io.shardfire.sharding.layout.ShardLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Where the units of a layout lie in pages, or one rank's shard of each: every unit whole in a
 * page. Pure arithmetic, the same for planning and for allocating.
 */
public final class UnitPlacement {
  private final List<Long> addresses = new ArrayList<>();
  private final List<Integer> lengths = new ArrayList<>();

  private UnitPlacement(PageAllocator allocator, ShardLayout layout, IntUnaryOperator length) {
    for (int unit = 0; unit < layout.units().size(); unit++) {
      int floats = length.applyAsInt(unit);
      addresses.add(allocator.allocate(layout.units().get(unit).name(), floats));
      lengths.add(floats);
    }
  }

  /**
   * Places all units.
   *
   * @throws io.shardfire.kernels.device.ComputeException when a page cannot hold a unit
   */
  public static UnitPlacement units(PageAllocator allocator, ShardLayout layout) {
    return new UnitPlacement(allocator, layout, unit -> layout.unit(unit).length());
  }

  /**
   * Places all units of parameters that are kept in a format.
   *
   * @throws io.shardfire.kernels.device.ComputeException when a page cannot hold a unit
   */
  public static UnitPlacement units(
      PageAllocator allocator, ShardLayout layout, ParameterFormat format) {
    return new UnitPlacement(allocator, layout, unit -> format.stored(layout.unit(unit)).length());
  }

  /**
   * Places a shard of every unit, which all ranks' are like.
   *
   * @throws io.shardfire.kernels.device.ComputeException when a page cannot hold a shard
   */
  public static UnitPlacement shards(PageAllocator allocator, ShardLayout layout) {
    return new UnitPlacement(allocator, layout, unit -> layout.shard(unit, 0).length());
  }

  /** The places in allocated pages. */
  public UnitSpans in(Pages pages) {
    List<Span> spans = new ArrayList<>();
    for (int unit = 0; unit < addresses.size(); unit++) {
      spans.add(pages.span(addresses.get(unit), lengths.get(unit)));
    }
    return new UnitSpans(spans);
  }
}
