package io.shardfire.worker.program;

import io.shardfire.kernels.device.Span;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.UnitRange;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The memory of a layout's units, or of one rank's shard of each.
 *
 * @param spans by unit
 */
public record UnitSpans(List<Span> spans) {
  /** Copies. */
  public UnitSpans {
    spans = List.copyOf(spans);
  }

  /** A whole unit, or all there is of it. */
  public Span unit(int unit) {
    return spans.get(unit);
  }

  /** A part of a unit. */
  public Span of(UnitRange range) {
    return unit(range.unit()).slice(range.offset(), range.length());
  }

  /** One rank's shard of every unit, where this has whole units. */
  public UnitSpans shards(ShardLayout layout, int rank) {
    return shards(layout, ParameterFormat.FP32, rank);
  }

  /** One rank's shard of every unit, where this has whole units that are kept in a format. */
  public UnitSpans shards(ShardLayout layout, ParameterFormat format, int rank) {
    return new UnitSpans(
        IntStream.range(0, spans.size())
            .mapToObj(unit -> of(format.stored(layout.shard(unit, rank))))
            .toList());
  }

  /** Shows the device what the host wrote. */
  public void upload() {
    spans.forEach(Span::upload);
  }

  /** Brings what the device wrote. */
  public void download() {
    spans.forEach(Span::download);
  }

  /** The same on the host's side, where collectives and checkpoints work. */
  public List<FloatRange> onHost() {
    return spans.stream()
        .map(span -> new FloatRange(span.arena().array(), span.offset(), span.length()))
        .toList();
  }
}
