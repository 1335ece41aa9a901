package io.shardfire.kernels.reference;

import java.util.Arrays;

/** Softmax cross-entropy of logits[rows, vocabulary]; a negative target is ignored. */
public final class CrossEntropyReference {
  private CrossEntropyReference() {}

  /** losses[rows] and the gradient of the logits of their scaled sum. */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier, never compared
  public record Result(double[] losses, double[] gradient) {}

  /** Losses and {@code scale} times their gradient. */
  public static Result forwardBackward(
      double[] logits, int[] targets, int vocabulary, double scale) {
    double[] weights = new double[targets.length];
    Arrays.fill(weights, 1);
    return forwardBackward(logits, targets, vocabulary, scale, 0, weights);
  }

  /** With label smoothing and a weight per row, which multiplies its loss and gradient. */
  public static Result forwardBackward(
      double[] logits,
      int[] targets,
      int vocabulary,
      double scale,
      double smoothing,
      double[] weights) {
    int rows = targets.length;
    double[] losses = new double[rows];
    double[] gradient = new double[rows * vocabulary];
    for (int row = 0; row < rows; row++) {
      if (targets[row] < 0) {
        continue;
      }
      double maximum = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < vocabulary; j++) {
        maximum = Math.max(maximum, logits[row * vocabulary + j]);
      }
      double sum = 0;
      for (int j = 0; j < vocabulary; j++) {
        sum += StrictMath.exp(logits[row * vocabulary + j] - maximum);
      }
      for (int j = 0; j < vocabulary; j++) {
        double logit = logits[row * vocabulary + j];
        double wanted = smoothing / vocabulary + (j == targets[row] ? 1 - smoothing : 0);
        losses[row] += weights[row] * wanted * (StrictMath.log(sum) + maximum - logit);
        double probability = StrictMath.exp(logit - maximum) / sum;
        gradient[row * vocabulary + j] = weights[row] * scale * (probability - wanted);
      }
    }
    return new Result(losses, gradient);
  }
}
