package io.shardfire.sharding.layout;

import java.util.List;

/** A named parameter tensor, row-major; {@code decayed} says whether weight decay applies to it. */
public record TensorSpec(String name, List<Integer> shape, boolean decayed) {
  /** Checks and copies. */
  public TensorSpec {
    shape = List.copyOf(shape);
    if (name.isBlank() || shape.isEmpty() || shape.stream().anyMatch(d -> d < 1)) {
      throw new IllegalArgumentException(
          "A tensor needs a name and positive dims: name=" + name + ", shape=" + shape);
    }
  }

  /** Product of the dims. */
  public long elements() {
    return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
  }
}
