package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.Alibi;
import io.shardfire.kernels.ops.AttentionShape;
import io.shardfire.worker.program.Value;

/**
 * Attention with linear biases (Press et al., 2022): a penalty that grows with the distance of a
 * key from its query.
 *
 * @param table [heads, distances]
 */
public record LinearBiases(Value table, AttentionShape shape) {

  /** The biases of a model, whose table is a constant of it. */
  public static LinearBiases of(AttentionShape shape) {
    return new LinearBiases(
        Value.pinned("distance biases", shape.heads(), shape.distances()), shape);
  }

  /** The table and how it is filled. */
  public Constant constant() {
    return new Constant(table, span -> Alibi.write(shape, Alibi.slopes(shape.heads()), span));
  }

  /** The penalty of a head for keys {@code distance} positions back, in double precision. */
  double reference(int head, int distance) {
    int power = Integer.highestOneBit(shape.heads());
    double exponent =
        head < power ? 8.0 * (head + 1) / power : 8.0 * (2 * (head - power) + 1) / (2.0 * power);
    return -distance * StrictMath.pow(2, -exponent);
  }
}
