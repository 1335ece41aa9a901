package io.shardfire.worker.generate;

/** Arithmetic on scores by token id. */
final class Logits {
  private Logits() {}

  /**
   * Takes the logits of one prediction.
   *
   * @throws IllegalArgumentException when one is not a number
   */
  static void copy(float[] logits, int offset, double[] scores) {
    for (int id = 0; id < scores.length; id++) {
      float logit = logits[offset + id];
      if (!(logit < Float.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "The model computed a logit that is not a finite number; its weights are damaged:"
                + " logit="
                + logit
                + ", id="
                + id);
      }
      scores[id] = logit;
    }
  }

  /** The id of the largest score, the smallest of several. */
  static int largest(double[] scores) {
    int best = 0;
    for (int id = 1; id < scores.length; id++) {
      if (scores[id] > scores[best]) {
        best = id;
      }
    }
    return best;
  }

  /** Turns logits into logarithms of probabilities. */
  static void logSoftmax(double[] scores) {
    double largest = scores[largest(scores)];
    double sum = 0;
    for (double score : scores) {
      sum += StrictMath.exp(score - largest);
    }
    double logSum = largest + StrictMath.log(sum);
    for (int id = 0; id < scores.length; id++) {
      scores[id] -= logSum;
    }
  }
}
