package io.shardfire.kernels.reference;

/** Root mean square normalisation (Zhang and Sennrich, 2019) of x[rows, width]. */
public final class RmsNormReference {
  private RmsNormReference() {}

  /** y[rows, width] and stats[rows] = reciprocal root mean square. */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier, never compared
  public record Result(double[] y, double[] stats) {}

  /** Gradients of the input and the weight. */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier, never compared
  public record Gradients(double[] dx, double[] dweight) {}

  /** The forward pass. */
  public static Result forward(double[] x, double[] weight, int rows, int width, double epsilon) {
    double[] y = new double[rows * width];
    double[] stats = new double[rows];
    for (int row = 0; row < rows; row++) {
      double meanSquare = 0;
      for (int i = 0; i < width; i++) {
        meanSquare += x[row * width + i] * x[row * width + i] / width;
      }
      stats[row] = 1 / Math.sqrt(meanSquare + epsilon);
      for (int i = 0; i < width; i++) {
        y[row * width + i] = x[row * width + i] * stats[row] * weight[i];
      }
    }
    return new Result(y, stats);
  }

  /** The backward pass. */
  public static Gradients backward(
      double[] x, double[] weight, double[] stats, double[] dy, int rows, int width) {
    double[] dx = new double[rows * width];
    double[] dweight = new double[width];
    for (int row = 0; row < rows; row++) {
      double projectedMean = 0;
      for (int i = 0; i < width; i++) {
        double normal = x[row * width + i] * stats[row];
        double g = dy[row * width + i];
        dweight[i] += g * normal;
        projectedMean += g * weight[i] * normal / width;
      }
      for (int i = 0; i < width; i++) {
        double normal = x[row * width + i] * stats[row];
        dx[row * width + i] =
            stats[row] * (dy[row * width + i] * weight[i] - normal * projectedMean);
      }
    }
    return new Gradients(dx, dweight);
  }
}
