package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.Alibi;
import io.shardfire.kernels.ops.AttentionShape;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention with linear biases (Press et al., 2022): a penalty that grows with the distance of a
 * key from its query.
 *
 * @param table [heads, distances]
 */
public record LinearBiases(Value table, AttentionShape shape) implements DistanceBias {

  /** The biases of a model, whose table is a constant of it. */
  public static LinearBiases of(AttentionShape shape) {
    return new LinearBiases(
        Value.pinned("distance biases", shape.heads(), shape.distances()), shape);
  }

  @Override
  public Constant constant() {
    return new Constant(table, span -> Alibi.write(shape, Alibi.slopes(shape.heads()), span));
  }

  @Override
  public Recorded record(Recording r) {
    return new Recorded(table, null);
  }

  @Override
  public List<Tensor> reference(Reference r) {
    List<Tensor> heads = new ArrayList<>();
    for (int head = 0; head < shape.heads(); head++) {
      double[] biases = new double[shape.queries() * shape.keys()];
      for (int i = 0; i < biases.length; i++) {
        biases[i] = -slope(head) * Math.abs(i / shape.keys() - i % shape.keys());
      }
      heads.add(r.tape().leaf(shape.queries(), shape.keys(), biases));
    }
    return heads;
  }

  private double slope(int head) {
    int power = Integer.highestOneBit(shape.heads());
    double exponent =
        head < power ? 8.0 * (head + 1) / power : 8.0 * (2 * (head - power) + 1) / (2.0 * power);
    return StrictMath.pow(2, -exponent);
  }
}
