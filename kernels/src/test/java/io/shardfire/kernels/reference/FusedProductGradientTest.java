package io.shardfire.kernels.reference;

import static io.shardfire.kernels.reference.FiniteDifferences.assertGradient;
import static io.shardfire.kernels.reference.FiniteDifferences.values;

import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The gradients of a fused product, composed of other operations, against central differences. */
class FusedProductGradientTest {
  private static final int M = 3;
  private static final int N = 5;
  private static final int K = 4;

  @ParameterizedTest
  @EnumSource
  void shouldFollowFromTheStoredPreActivation(ActivationReference activation) {
    double[] a = values(1, M * K);
    double[] b = values(2, K * N);
    double[] bias = values(3, N);
    double[] residual = values(4, M * N);
    double[] dc = values(5, M * N);
    double[] z = MatMulReference.finish(multiply(a, b), bias, activation, residual).z();
    double[] dz = activation.backward(z, dc);

    assertGradient(
        MatMulReference.nt(dz, b, M, K, N),
        a,
        dc,
        value(v -> MatMulReference.finish(multiply(v, b), bias, activation, residual)));
    assertGradient(
        MatMulReference.tn(a, dz, K, N, M),
        b,
        dc,
        value(v -> MatMulReference.finish(multiply(a, v), bias, activation, residual)));
    assertGradient(
        ReductionReference.columnSum(dz, M, N),
        bias,
        dc,
        value(v -> MatMulReference.finish(multiply(a, b), v, activation, residual)));
    assertGradient(
        dc, residual, dc, value(v -> MatMulReference.finish(multiply(a, b), bias, activation, v)));
  }

  private static double[] multiply(double[] a, double[] b) {
    return MatMulReference.nn(a, b, M, N, K);
  }

  private static Function<double[], double[]> value(
      Function<double[], MatMulReference.Finished> finished) {
    return finished.andThen(MatMulReference.Finished::c);
  }
}
