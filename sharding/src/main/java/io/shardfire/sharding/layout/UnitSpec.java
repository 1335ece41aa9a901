package io.shardfire.sharding.layout;

import java.util.List;
import java.util.stream.Stream;

/**
 * Tensors that are gathered, reduced and freed together: the embedding, a transformer block, the
 * head.
 */
public record UnitSpec(String name, List<TensorSpec> tensors) {
  /** Checks and copies. */
  public UnitSpec {
    tensors = List.copyOf(tensors);
    if (name.isBlank() || tensors.isEmpty()) {
      throw new IllegalArgumentException(
          "A unit needs a name and tensors: name=" + name + ", tensors=" + tensors.size());
    }
  }

  /** The tensors in the order they lie in memory: decayed ones first, otherwise as given. */
  public List<TensorSpec> decayedFirst() {
    return Stream.concat(
            tensors.stream().filter(TensorSpec::decayed),
            tensors.stream().filter(tensor -> !tensor.decayed()))
        .toList();
  }
}
