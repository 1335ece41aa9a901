package io.shardfire.worker.generate;

import io.shardfire.kernels.device.PageAllocator;
import io.shardfire.kernels.device.PagePlan;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.kernels.device.Pages;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.program.Program;
import io.shardfire.worker.program.QuantizedPlacement;
import io.shardfire.worker.program.UnitPlacement;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * Where the weights of programs without a backward pass lie: levels and scales of what they read as
 * such, and the rest as it was trained. Pure arithmetic.
 *
 * @param model its tensors, by the units they are stored in
 * @param layout of the rest
 * @param units where those of the layout lie
 */
public record WeightPlan(
    List<UnitSpec> model,
    QuantizedPlacement quantized,
    ShardLayout layout,
    UnitPlacement units,
    PagePlan pages) {
  /** Copies. */
  public WeightPlan {
    model = List.copyOf(model);
  }

  /**
   * Places the weights of programs of one model.
   *
   * @param model all its tensors, of which a program may know some only
   * @throws io.shardfire.kernels.device.ComputeException when a page cannot hold a unit or a matrix
   */
  public static WeightPlan of(PageSize size, List<UnitSpec> model, List<Program> programs) {
    PageAllocator allocator = new PageAllocator(size);
    QuantizedPlacement quantized = QuantizedPlacement.of(allocator, programs);
    ShardLayout layout = quantized.others(model);
    UnitPlacement units = UnitPlacement.units(allocator, layout);
    return new WeightPlan(model, quantized, layout, units, allocator.plan());
  }

  /** The weights in pages that were allocated as {@link #pages} says. */
  public StoredWeights in(Pages allocated) {
    return new StoredWeights(this, units.in(allocated), quantized.in(allocated));
  }

  /** All tensors. */
  Stream<TensorSpec> tensors() {
    return model.stream().flatMap(unit -> unit.tensors().stream());
  }

  /** Bytes of all weights. */
  long bytes() {
    return tensors().mapToLong(quantized::bytes).sum();
  }

  /**
   * Bytes of what every step of decoding reads as a whole.
   *
   * @param unembeds whether the head multiplies by the table of tokens
   */
  long bytesOfStep(boolean unembeds) {
    ToLongFunction<UnitSpec> stored =
        unit -> unit.tensors().stream().mapToLong(quantized::bytes).sum();
    // The first unit is the embedding, whose first tensor is the table of tokens. Of its other
    // tables a step reads single rows.
    return (unembeds ? quantized.bytes(model.get(0).tensors().get(0)) : 0)
        + model.subList(1, model.size()).stream().mapToLong(stored).sum();
  }
}
