package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Span;

/**
 * Attention with linear biases (Press et al., 2022): a penalty that grows with the distance between
 * query and key, in place of position embeddings.
 */
public final class Alibi {
  private static final double LARGEST_EXPONENT = 8;

  private Alibi() {}

  /**
   * The paper's slopes: 2^(-8 n / heads), n = 1 … heads, for a power of two; for other counts those
   * of the next lower power of two, then every second one of twice that power.
   */
  public static float[] slopes(int heads) {
    new Operands("Alibi.slopes").positive("heads", heads);
    int power = Integer.highestOneBit(heads);
    float[] slopes = new float[heads];
    for (int h = 0; h < heads; h++) {
      double exponent =
          h < power
              ? LARGEST_EXPONENT * (h + 1) / power
              : LARGEST_EXPONENT * (2 * (h - power) + 1) / (2.0 * power);
      slopes[h] = (float) StrictMath.pow(2, -exponent);
    }
    return slopes;
  }

  /**
   * Writes -slope |j - p| into the distance bias of {@link AttentionOptions}; call between runs.
   *
   * @param slopes one per head
   * @param distanceBias [heads, queries + keys - 1]
   */
  public static void write(AttentionShape shape, float[] slopes, Span distanceBias) {
    int distances = shape.distances();
    new Operands("Alibi.write")
        .require(
            slopes.length == shape.heads(),
            "must be one per head, " + shape.heads(),
            "slopes",
            slopes.length)
        .holds("distanceBias", distanceBias, (long) shape.heads() * distances);
    float[] array = distanceBias.arena().array();
    for (int h = 0; h < slopes.length; h++) {
      int row = distanceBias.offset() + h * distances;
      for (int x = 0; x < distances; x++) {
        array[row + x] = slopes[h] * -Math.abs(x - (shape.keys() - 1));
      }
    }
    distanceBias.upload();
  }
}
