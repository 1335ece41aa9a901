package io.shardfire.worker.train;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.Span;
import io.shardfire.sharding.layout.FlatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.worker.model.Gpt2Activations;
import io.shardfire.worker.model.Gpt2Parameters;
import io.shardfire.worker.model.Slot;
import java.util.ArrayList;
import java.util.List;

/** Names the first tensor with a value that is not finite, in the order of computation. */
final class NonFiniteSearch {
  private final RankMemoryLayout layout;
  private final RankMemory memory;

  NonFiniteSearch(RankMemoryLayout layout, RankMemory memory) {
    this.layout = layout;
    this.memory = memory;
  }

  /** Looks at parameters, then activations, then gradients; null when all are finite. */
  String inPass() {
    String found = parameters();
    if (found == null) {
      found = activations();
    }
    return found == null ? gradients() : found;
  }

  /** Looks at gradients, in the order of the backward pass; null when all are finite. */
  String gradients() {
    List<Integer> order = new ArrayList<>();
    for (int unit = layout.layout().units().size() - 1; unit >= 0; unit--) {
      order.add(unit);
    }
    return tensors(order, memory.gradients(), " gradient");
  }

  private String parameters() {
    List<Integer> order = new ArrayList<>();
    for (int unit = 0; unit < layout.layout().units().size(); unit++) {
      order.add(unit);
    }
    return tensors(order, memory.parameters(), " parameter");
  }

  private String tensors(List<Integer> units, Arena arena, String kind) {
    ShardLayout shards = layout.layout();
    for (int unit : units) {
      for (TensorSpec tensor : shards.units().get(unit).tensors()) {
        FlatRange range = shards.tensor(tensor.name());
        if (!finite(arena.span(range.offset(), range.length()))) {
          return Gpt2Parameters.shortName(tensor.name()) + kind;
        }
      }
    }
    return null;
  }

  private String activations() {
    Gpt2Activations plan = layout.activations();
    for (Gpt2Activations.Layer layer : plan.layers()) {
      String found =
          first(
              layer.input(),
              layer.norm1(),
              layer.qkv(),
              layer.attention(),
              layer.middle(),
              layer.norm2(),
              layer.hidden(),
              layer.activated());
      if (found != null) {
        return found;
      }
    }
    String found = first(plan.output(), plan.norm());
    return found == null ? first(plan.losses()) : found;
  }

  private String first(Slot... slots) {
    for (Slot slot : slots) {
      if (!finite(slot.in(memory.activations()))) {
        return slot.name();
      }
    }
    return null;
  }

  private static boolean finite(Span span) {
    span.download();
    float[] array = span.arena().array();
    for (int i = 0; i < span.length(); i++) {
      if (!Float.isFinite(array[span.offset() + i])) {
        return false;
      }
    }
    return true;
  }
}
