package io.shardfire.kernels.reference;

/** Layer normalisation (Ba et al., 2016) of x[rows, width]. */
public final class LayerNormReference {
  private LayerNormReference() {}

  /** y[rows, width] and stats[rows, 2] = mean, reciprocal standard deviation. */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier, never compared
  public record Result(double[] y, double[] stats) {}

  /** Gradients of the input and the parameters. */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier, never compared
  public record Gradients(double[] dx, double[] dweight, double[] dbias) {}

  /** The forward pass. */
  public static Result forward(
      double[] x, double[] weight, double[] bias, int rows, int width, double epsilon) {
    double[] y = new double[rows * width];
    double[] stats = new double[2 * rows];
    for (int row = 0; row < rows; row++) {
      double mean = 0;
      for (int i = 0; i < width; i++) {
        mean += x[row * width + i] / width;
      }
      double variance = 0;
      for (int i = 0; i < width; i++) {
        double d = x[row * width + i] - mean;
        variance += d * d / width;
      }
      double rstd = 1 / Math.sqrt(variance + epsilon);
      stats[2 * row] = mean;
      stats[2 * row + 1] = rstd;
      for (int i = 0; i < width; i++) {
        y[row * width + i] = (x[row * width + i] - mean) * rstd * weight[i] + bias[i];
      }
    }
    return new Result(y, stats);
  }

  /** The backward pass. */
  public static Gradients backward(
      double[] x, double[] weight, double[] stats, double[] dy, int rows, int width) {
    double[] dx = new double[rows * width];
    double[] dweight = new double[width];
    double[] dbias = new double[width];
    for (int row = 0; row < rows; row++) {
      double mean = stats[2 * row];
      double rstd = stats[2 * row + 1];
      double weightedMean = 0;
      double projectedMean = 0;
      for (int i = 0; i < width; i++) {
        double normal = (x[row * width + i] - mean) * rstd;
        double g = dy[row * width + i];
        dweight[i] += g * normal;
        dbias[i] += g;
        weightedMean += g * weight[i] / width;
        projectedMean += g * weight[i] * normal / width;
      }
      for (int i = 0; i < width; i++) {
        double normal = (x[row * width + i] - mean) * rstd;
        dx[row * width + i] =
            rstd * (dy[row * width + i] * weight[i] - weightedMean - normal * projectedMean);
      }
    }
    return new Gradients(dx, dweight, dbias);
  }
}
