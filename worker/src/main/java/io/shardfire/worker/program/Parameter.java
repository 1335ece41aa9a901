package io.shardfire.worker.program;

import io.shardfire.sharding.layout.TensorSpec;

/**
 * A tensor that is trained.
 *
 * @param tensor its published name, by which checkpoints know it, its shape, and whether weight
 *     decay applies
 * @param unit the unit it is gathered, reduced and stored with
 */
public record Parameter(TensorSpec tensor, Initial initial, int unit) implements Operand {
  @Override
  public String name() {
    return tensor.name();
  }
}
