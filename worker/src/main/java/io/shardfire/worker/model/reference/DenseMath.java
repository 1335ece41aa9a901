package io.shardfire.worker.model.reference;

/** Row-major matrix and row operations in double precision, written to be read. */
final class DenseMath {
  private static final double GELU_SCALE = StrictMath.sqrt(2 / StrictMath.PI);
  private static final double GELU_CUBIC = 0.044715;

  private DenseMath() {}

  /** a[m,k] b[k,n]. */
  static double[] product(double[] a, double[] b, int m, int k, int n) {
    double[] c = new double[m * n];
    for (int i = 0; i < m; i++) {
      for (int p = 0; p < k; p++) {
        double factor = a[i * k + p];
        for (int j = 0; j < n; j++) {
          c[i * n + j] += factor * b[p * n + j];
        }
      }
    }
    return c;
  }

  /** a[rows,columns] transposed. */
  static double[] transpose(double[] a, int rows, int columns) {
    double[] t = new double[a.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        t[j * rows + i] = a[i * columns + j];
      }
    }
    return t;
  }

  /** x[rows,inputs] weight[inputs,outputs] + bias[outputs]. */
  static double[] linear(
      double[] x, double[] weight, double[] bias, int rows, int inputs, int outputs) {
    double[] y = product(x, weight, rows, inputs, outputs);
    for (int i = 0; i < y.length; i++) {
      y[i] += bias[i % outputs];
    }
    return y;
  }

  /** Sums over the rows of x[rows,columns]. */
  static double[] columnSums(double[] x, int columns) {
    double[] sums = new double[columns];
    for (int i = 0; i < x.length; i++) {
      sums[i % columns] += x[i];
    }
    return sums;
  }

  /** a += b. */
  static void add(double[] a, double[] b) {
    for (int i = 0; i < a.length; i++) {
      a[i] += b[i];
    }
  }

  /** The tanh form of GELU. */
  static double gelu(double x) {
    return 0.5 * x * (1 + StrictMath.tanh(GELU_SCALE * (x + GELU_CUBIC * x * x * x)));
  }

  /** Its derivative. */
  static double geluSlope(double x) {
    double tanh = StrictMath.tanh(GELU_SCALE * (x + GELU_CUBIC * x * x * x));
    return 0.5 * (1 + tanh)
        + 0.5 * x * (1 - tanh * tanh) * GELU_SCALE * (1 + 3 * GELU_CUBIC * x * x);
  }

  /** LayerNorm of x[rows,width]. */
  static double[] normalize(double[] x, double[] weight, double[] bias, int width, double epsilon) {
    double[] y = new double[x.length];
    for (int row = 0; row < x.length; row += width) {
      double mean = mean(x, row, width);
      double scale = inverseDeviation(x, row, width, mean, epsilon);
      for (int j = 0; j < width; j++) {
        y[row + j] = (x[row + j] - mean) * scale * weight[j] + bias[j];
      }
    }
    return y;
  }

  /** Gradient of {@link #normalize} with respect to x; adds those of weight and bias. */
  static double[] normalizeBackward(
      double[] x,
      double[] weight,
      int width,
      double epsilon,
      double[] gradY,
      double[] gradWeight,
      double[] gradBias) {
    double[] gradX = new double[x.length];
    for (int row = 0; row < x.length; row += width) {
      double mean = mean(x, row, width);
      double scale = inverseDeviation(x, row, width, mean, epsilon);
      double sum = 0;
      double dot = 0;
      for (int j = 0; j < width; j++) {
        double normal = (x[row + j] - mean) * scale;
        double gradient = gradY[row + j];
        gradWeight[j] += gradient * normal;
        gradBias[j] += gradient;
        sum += gradient * weight[j];
        dot += gradient * weight[j] * normal;
      }
      for (int j = 0; j < width; j++) {
        double normal = (x[row + j] - mean) * scale;
        gradX[row + j] = scale * (gradY[row + j] * weight[j] - sum / width - normal * dot / width);
      }
    }
    return gradX;
  }

  private static double mean(double[] x, int from, int width) {
    double sum = 0;
    for (int j = 0; j < width; j++) {
      sum += x[from + j];
    }
    return sum / width;
  }

  private static double inverseDeviation(
      double[] x, int from, int width, double mean, double epsilon) {
    double sum = 0;
    for (int j = 0; j < width; j++) {
      sum += (x[from + j] - mean) * (x[from + j] - mean);
    }
    return 1 / StrictMath.sqrt(sum / width + epsilon);
  }
}
