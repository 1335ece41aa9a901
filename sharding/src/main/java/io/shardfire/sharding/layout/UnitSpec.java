package io.shardfire.sharding.layout;

import java.util.List;

/**
 * Tensors that are gathered, reduced and freed together: the embedding, a transformer block, the
 * head.
 */
public record UnitSpec(String name, List<TensorSpec> tensors) {
  /** Copies. */
  public UnitSpec {
    tensors = List.copyOf(tensors);
  }
}
