package io.shardfire.kernels.reference;

/** Softmax cross-entropy of logits[rows, vocabulary]; a negative target is ignored. */
public final class CrossEntropyReference {
  private CrossEntropyReference() {}

  /** losses[rows] and the gradient of the logits of their scaled sum. */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier, never compared
  public record Result(double[] losses, double[] gradient) {}

  /** Losses and {@code scale} times their gradient. */
  public static Result forwardBackward(
      double[] logits, int[] targets, int vocabulary, double scale) {
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
        sum += Math.exp(logits[row * vocabulary + j] - maximum);
      }
      losses[row] = Math.log(sum) + maximum - logits[row * vocabulary + targets[row]];
      for (int j = 0; j < vocabulary; j++) {
        double probability = Math.exp(logits[row * vocabulary + j] - maximum) / sum;
        gradient[row * vocabulary + j] = scale * (probability - (j == targets[row] ? 1 : 0));
      }
    }
    return new Result(losses, gradient);
  }
}
