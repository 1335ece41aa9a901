package io.shardfire.kernels.reference;

import static io.shardfire.kernels.reference.FiniteDifferences.assertGradient;
import static io.shardfire.kernels.reference.FiniteDifferences.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Gradients against central differences. */
class NormAndActivationGradientTest {
  @Test
  void shouldDifferentiateRmsNorm() {
    int rows = 3;
    int width = 7;
    double[] x = values(3, rows * width);
    double[] weight = values(4, width);
    double[] dy = values(6, rows * width);
    double[] stats = RmsNormReference.forward(x, weight, rows, width, 1e-2).stats();
    RmsNormReference.Gradients gradients =
        RmsNormReference.backward(x, weight, stats, dy, rows, width);
    assertGradient(
        gradients.dx(), x, dy, v -> RmsNormReference.forward(v, weight, rows, width, 1e-2).y());
    assertGradient(
        gradients.dweight(),
        weight,
        dy,
        v -> RmsNormReference.forward(x, v, rows, width, 1e-2).y());
  }

  @ParameterizedTest
  @EnumSource
  void shouldDifferentiateActivations(ActivationReference function) {
    double[] x = values(1, 42);
    Arrays.setAll(x, i -> 3 * x[i]);
    double[] dy = values(2, 42);
    assertGradient(function.backward(x, dy), x, dy, function::forward);
    double[] upstream = values(3, 21);
    assertGradient(
        function.gatedBackward(x, upstream, 7), x, upstream, v -> function.gatedForward(v, 7));
  }

  @Test
  void shouldKnowPublishedValues() {
    double[] one = {1};
    assertEquals(0.841344746068543, ActivationReference.GELU.forward(one)[0], 1e-14);
    assertEquals(0.731058578630005, ActivationReference.SILU.forward(one)[0], 1e-14);
    double[] two = {-2};
    assertEquals(-0.045500263896358, ActivationReference.GELU.forward(two)[0], 1e-14);
  }
}
