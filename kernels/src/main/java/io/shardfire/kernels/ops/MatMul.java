package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;

/** Matrix products, row-major. Any m, n, k ≥ 1. */
public final class MatMul {
  private MatMul() {}

  /** Which operand is transposed: N as stored, T transposed. */
  public enum Layout {
    /** C[m,n] = A[m,k] B[k,n]. */
    NN,
    /** C[m,n] = A[m,k] B[n,k]ᵀ. */
    NT,
    /** C[m,n] = A[k,m]ᵀ B[k,n]. */
    TN
  }

  /** Rows of a matrix lie {@code stride} floats apart, from the start of the span. */
  public record Matrix(Span span, int stride) {}

  /** What is added to the product: null members are left out; {@code accumulate} adds the old C. */
  public record Epilogue(Span bias, Matrix residual, boolean accumulate) {
    /** C = A B. */
    public static final Epilogue NONE = new Epilogue(null, null, false);

    /** C += A B. */
    public static final Epilogue ACCUMULATE = new Epilogue(null, null, true);

    /** C = A B + bias, bias[n]. */
    public static Epilogue bias(Span bias) {
      return new Epilogue(bias, null, false);
    }
  }

  /** Records the product. */
  public static void record(
      CommandRecorder recorder,
      Layout layout,
      Matrix a,
      Matrix b,
      Matrix c,
      int m,
      int n,
      int k,
      Epilogue epilogue) {
    throw new UnsupportedOperationException("skeleton");
  }
}
