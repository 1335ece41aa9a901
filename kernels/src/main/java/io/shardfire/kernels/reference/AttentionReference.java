package io.shardfire.kernels.reference;

/**
 * Causal self-attention over packed rows q, k, v. B batch, T time, H heads, S head size, W = H S.
 *
 * <pre>
 *   scores[i,j] = q_i . k_j / sqrt(S), j ≤ i      P = softmax(scores)      out_i = sum_j P_ij M_ij v_j
 * </pre>
 *
 * with the dropout factors M of row (b H + h) T + i and column j.
 *
 * @param batch B
 * @param time T
 * @param heads H
 * @param headSize S
 * @param dropout factors of the attention weights, or null
 */
public record AttentionReference(
    int batch, int time, int heads, int headSize, DropoutReference dropout) {

  /** out[B T, W] and logSumExp[B, H, T]. */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier, never compared
  public record Result(double[] out, double[] logSumExp) {}

  private int width() {
    return heads * headSize;
  }

  /** Index of element d of part (0 q, 1 k, 2 v) in a packed row. */
  private int packed(int b, int t, int part, int h, int d) {
    return (b * time + t) * 3 * width() + part * width() + h * headSize + d;
  }

  private int plain(int b, int t, int h, int d) {
    return (b * time + t) * width() + h * headSize + d;
  }

  private double factor(int b, int h, int query, int key) {
    return dropout == null ? 1 : dropout.factor(((long) b * heads + h) * time + query, key);
  }

  /** Scaled scores of one query against keys 0 to query. */
  private double[] scores(double[] qkv, int b, int h, int query) {
    double[] scores = new double[query + 1];
    for (int key = 0; key <= query; key++) {
      for (int d = 0; d < headSize; d++) {
        scores[key] += qkv[packed(b, query, 0, h, d)] * qkv[packed(b, key, 1, h, d)];
      }
      scores[key] /= Math.sqrt(headSize);
    }
    return scores;
  }

  private static double logSumExp(double[] scores) {
    double maximum = Double.NEGATIVE_INFINITY;
    for (double score : scores) {
      maximum = Math.max(maximum, score);
    }
    double sum = 0;
    for (double score : scores) {
      sum += StrictMath.exp(score - maximum);
    }
    return maximum + StrictMath.log(sum);
  }

  /** The forward pass. */
  public Result forward(double[] qkv) {
    double[] out = new double[batch * time * width()];
    double[] saved = new double[batch * heads * time];
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        for (int query = 0; query < time; query++) {
          double[] scores = scores(qkv, b, h, query);
          double lse = logSumExp(scores);
          saved[(b * heads + h) * time + query] = lse;
          for (int key = 0; key <= query; key++) {
            double weight = StrictMath.exp(scores[key] - lse) * factor(b, h, query, key);
            for (int d = 0; d < headSize; d++) {
              out[plain(b, query, h, d)] += weight * qkv[packed(b, key, 2, h, d)];
            }
          }
        }
      }
    }
    return new Result(out, saved);
  }

  /** The gradient of qkv for the gradient of out. */
  public double[] backward(double[] qkv, double[] dout) {
    double[] dqkv = new double[qkv.length];
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        for (int query = 0; query < time; query++) {
          backwardRow(qkv, dout, dqkv, b, h, query);
        }
      }
    }
    return dqkv;
  }

  private void backwardRow(double[] qkv, double[] dout, double[] dqkv, int b, int h, int query) {
    double[] scores = scores(qkv, b, h, query);
    double lse = logSumExp(scores);
    double[] weights = new double[query + 1];
    double[] dweights = new double[query + 1];
    double dot = 0;
    for (int key = 0; key <= query; key++) {
      double factor = factor(b, h, query, key);
      weights[key] = StrictMath.exp(scores[key] - lse);
      for (int d = 0; d < headSize; d++) {
        double upstream = dout[plain(b, query, h, d)] * factor;
        dweights[key] += upstream * qkv[packed(b, key, 2, h, d)];
        dqkv[packed(b, key, 2, h, d)] += upstream * weights[key];
      }
      dot += weights[key] * dweights[key];
    }
    for (int key = 0; key <= query; key++) {
      double dscore = weights[key] * (dweights[key] - dot) / Math.sqrt(headSize);
      for (int d = 0; d < headSize; d++) {
        dqkv[packed(b, query, 0, h, d)] += dscore * qkv[packed(b, key, 1, h, d)];
        dqkv[packed(b, key, 1, h, d)] += dscore * qkv[packed(b, query, 0, h, d)];
      }
    }
  }
}
