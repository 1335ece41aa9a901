package io.shardfire.kernels.reference;

import java.util.Arrays;

/** Dense matrix products, row-major. */
public final class MatMulReference {
  private MatMulReference() {}

  /** C[m,n] = A[m,k] B[k,n]. */
  public static double[] nn(double[] a, double[] b, int m, int n, int k) {
    double[] c = new double[m * n];
    for (int row = 0; row < m; row++) {
      for (int i = 0; i < k; i++) {
        double x = a[row * k + i];
        for (int column = 0; column < n; column++) {
          c[row * n + column] += x * b[i * n + column];
        }
      }
    }
    return c;
  }

  /** C[m,n] = A[m,k] B[n,k]ᵀ. */
  public static double[] nt(double[] a, double[] b, int m, int n, int k) {
    return nn(a, transpose(b, n, k), m, n, k);
  }

  /** C[m,n] = A[k,m]ᵀ B[k,n]. */
  public static double[] tn(double[] a, double[] b, int m, int n, int k) {
    return nn(transpose(a, k, m), b, m, n, k);
  }

  /** A product [m,n] after its epilogue: Z before the activation, and C. */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier, never compared
  public record Finished(double[] z, double[] c) {}

  /** Z = product + bias[n], C = f(Z) + residual; null members are left out. */
  public static Finished finish(
      double[] product, double[] bias, ActivationReference activation, double[] residual) {
    double[] z = product.clone();
    if (bias != null) {
      Arrays.setAll(z, i -> product[i] + bias[i % bias.length]);
    }
    double[] c = activation == null ? z.clone() : activation.forward(z);
    if (residual != null) {
      for (int i = 0; i < c.length; i++) {
        c[i] += residual[i];
      }
    }
    return new Finished(z, c);
  }

  /** The transpose of x[rows, columns]. */
  public static double[] transpose(double[] x, int rows, int columns) {
    double[] y = new double[x.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        y[column * rows + row] = x[row * columns + column];
      }
    }
    return y;
  }
}
