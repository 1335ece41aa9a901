package io.shardfire.kernels.reference;

/**
 * Attention with any mask, grouped heads and a term per distance. B batch, Tq queries, Tk keys, H
 * heads, G key-value heads, S head size.
 *
 * <pre>
 *   q, out [B Tq, H S]     k, v [B Tk, G S]     bias [H, Tq + Tk - 1]
 *   scores[i,j] = scale q_i . k_j + bias[h, j - i + Tq - 1], -infinity where invisible
 *   P = softmax(scores), 0 for a query that sees nothing     out_i = sum_j P_ij M_ij v_j
 * </pre>
 *
 * with the dropout factors M of row (b H + h) Tq + i and column j.
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier, never compared
public record FlashAttentionReference(
    int batch,
    int queries,
    int keys,
    int heads,
    int kvHeads,
    int headSize,
    double scale,
    Visibility visibility,
    double[] bias,
    DropoutReference dropout) {

  /** Whether a query sees a key. */
  @FunctionalInterface
  public interface Visibility {
    /** For query i and key j of batch row b. */
    boolean sees(int b, int i, int j);
  }

  /** out[B Tq, H S], logSumExp[B, H, Tq] and weights[B, H, Tq, Tk] before dropout. */
  public record Result(double[] out, double[] logSumExp, double[] weights) {}

  /** Gradients of q, k and v; that of the bias per batch row, [B, H, Tq + Tk - 1]. */
  public record Gradients(double[] q, double[] k, double[] v, double[] bias) {}

  private int distances() {
    return queries + keys - 1;
  }

  private int ofQuery(int b, int i, int h) {
    return (b * queries + i) * heads * headSize + h * headSize;
  }

  private int ofKey(int b, int j, int h) {
    return (b * keys + j) * kvHeads * headSize + h / (heads / kvHeads) * headSize;
  }

  private double factor(int b, int h, int i, int j) {
    return dropout == null ? 1 : dropout.factor(((long) b * heads + h) * queries + i, j);
  }

  private double dot(double[] x, int at, double[] y, int yAt) {
    double sum = 0;
    for (int d = 0; d < headSize; d++) {
      sum += x[at + d] * y[yAt + d];
    }
    return sum;
  }

  private void addScaled(double[] sum, int at, double factor, double[] x, int xAt) {
    for (int d = 0; d < headSize; d++) {
      sum[at + d] += factor * x[xAt + d];
    }
  }

  /** The forward pass. */
  public Result forward(double[] q, double[] k, double[] v) {
    double[] out = new double[batch * queries * heads * headSize];
    double[] saved = new double[batch * heads * queries];
    double[] weights = new double[batch * heads * queries * keys];
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        for (int i = 0; i < queries; i++) {
          int row = (b * heads + h) * queries + i;
          double[] p = new double[keys];
          saved[row] = softmax(q, k, b, h, i, p);
          System.arraycopy(p, 0, weights, row * keys, keys);
          for (int j = 0; j < keys; j++) {
            if (p[j] != 0) {
              addScaled(out, ofQuery(b, i, h), p[j] * factor(b, h, i, j), v, ofKey(b, j, h));
            }
          }
        }
      }
    }
    return new Result(out, saved, weights);
  }

  /** Fills the weights of one query and returns the logarithm of the sum. */
  private double softmax(double[] q, double[] k, int b, int h, int i, double[] p) {
    double maximum = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < keys; j++) {
      p[j] = Double.NEGATIVE_INFINITY;
      if (visibility.sees(b, i, j)) {
        double term = bias == null ? 0 : bias[h * distances() + j - i + queries - 1];
        p[j] = scale * dot(q, ofQuery(b, i, h), k, ofKey(b, j, h)) + term;
      }
      maximum = Math.max(maximum, p[j]);
    }
    double sum = 0;
    for (int j = 0; j < keys; j++) {
      p[j] = p[j] == Double.NEGATIVE_INFINITY ? 0 : StrictMath.exp(p[j] - maximum);
      sum += p[j];
    }
    for (int j = 0; j < keys && sum > 0; j++) {
      p[j] /= sum;
    }
    return maximum + StrictMath.log(sum);
  }

  /** The gradients for the gradient of out. */
  public Gradients backward(double[] q, double[] k, double[] v, double[] dout) {
    Gradients gradients =
        new Gradients(
            new double[q.length],
            new double[k.length],
            new double[v.length],
            new double[batch * heads * distances()]);
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        for (int i = 0; i < queries; i++) {
          backwardRow(q, k, v, dout, gradients, b, h, i);
        }
      }
    }
    return gradients;
  }

  private void backwardRow(
      double[] q, double[] k, double[] v, double[] dout, Gradients gradients, int b, int h, int i) {
    double[] p = new double[keys];
    softmax(q, k, b, h, i, p);
    double[] dweights = new double[keys];
    double dot = 0;
    int query = ofQuery(b, i, h);
    for (int j = 0; j < keys; j++) {
      if (p[j] != 0) {
        int key = ofKey(b, j, h);
        double factor = factor(b, h, i, j);
        dweights[j] = factor * dot(dout, query, v, key);
        addScaled(gradients.v, key, factor * p[j], dout, query);
        dot += p[j] * dweights[j];
      }
    }
    for (int j = 0; j < keys; j++) {
      if (p[j] != 0) {
        int key = ofKey(b, j, h);
        double dscore = p[j] * (dweights[j] - dot);
        gradients.bias[(b * heads + h) * distances() + j - i + queries - 1] += dscore;
        addScaled(gradients.q, query, dscore * scale, k, key);
        addScaled(gradients.k, key, dscore * scale, q, query);
      }
    }
  }
}
