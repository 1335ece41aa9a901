package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.kernels.selftest.FusedProductChecks;
import io.shardfire.kernels.selftest.FusedProductChecks.Size;
import io.shardfire.kernels.selftest.FusedProductChecks.Variant;
import io.shardfire.kernels.selftest.Workbench;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Products fused with bias, activation and residual, single and in batches. */
class FusedProductParityTest {
  private final Workbench bench =
      new Workbench(ComputeContext.open(ComputeDevice.select("auto")), 2_500_000, 42);
  private final FusedProductChecks checks = new FusedProductChecks(bench);

  private static void assertOk(CheckResult result) {
    assertTrue(result.ok(), result::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1, 0",
    "1, 3, 17, 385, 1",
    "1, 5, 47, 193, 0",
    "1, 97, 33, 769, 2",
    "1, 521, 151, 400, 0",
    "1, 7, 1031, 384, 0",
    "2, 1, 1, 1, 3",
    "3, 5, 7, 9, 0",
    "7, 33, 49, 385, 11",
    "2, 300, 97, 41, 1",
    "50, 3, 2, 5, 0",
  })
  void shouldActivateProducts(int count, int m, int n, int k, int padding) {
    Size size = new Size(count, m, n, k, padding);
    for (MatMul.Layout layout : MatMul.Layout.values()) {
      for (Activation.Function function : Activation.Function.values()) {
        assertOk(checks.product(layout, size, Variant.of(function), false));
        assertOk(
            checks.product(
                layout, size, new Variant(function, false, false, true, true), count > 1));
      }
      Activation.Function silu = Activation.Function.SILU;
      assertOk(checks.product(layout, size, new Variant(silu, false, false, false, false), false));
      assertOk(checks.product(layout, size, new Variant(silu, true, true, false, true), count > 1));
      assertOk(checks.product(layout, size, new Variant(null, true, true, false, false), false));
      assertOk(
          checks.product(layout, size, new Variant(null, true, true, false, false), count > 1));
      assertOk(checks.product(layout, size, new Variant(null, true, false, true, false), false));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1, 0", "1, 127, 385, 0", "2, 33, 17, 3", "3, 300, 401, 0", "16, 151, 97, 1"})
  void shouldActivateAFewRows(int m, int n, int k, int padding) {
    Size size = new Size(1, m, n, k, padding);
    for (MatMul.Layout layout : List.of(MatMul.Layout.NN, MatMul.Layout.NT)) {
      for (Activation.Function function : Activation.Function.values()) {
        assertOk(checks.streamed(layout, size, Variant.of(function)));
        assertOk(checks.streamed(layout, size, new Variant(function, false, false, true, false)));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "5, 3, 2", "37, 65, 17", "131, 97, 401"})
  void shouldLeadToTheGradients(int m, int n, int k) {
    for (Activation.Function function : Activation.Function.values()) {
      assertOk(checks.gradients(function, m, n, k));
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldHaveTheBitsOfTheSeparateOperations(Activation.Function function) {
    int m = 101;
    int n = 131;
    int k = 801;
    MatMul.Matrix a = new MatMul.Matrix(bench.input(bench.values(m * k)), k);
    MatMul.Matrix b = new MatMul.Matrix(bench.input(bench.values(k * n)), n);
    Span bias = bench.input(bench.values(n));
    Span fused = bench.output(m * n);
    Span kept = bench.output(m * n);
    Span z = bench.output(m * n);
    Span separate = bench.output(m * n);
    MatMul.Epilogue sum = MatMul.Epilogue.bias(bias);
    MatMul.Epilogue activated =
        sum.withActivation(function).withPreActivation(new MatMul.Matrix(kept, n));
    Repeats.assertSameBits(
        bench,
        List.of(fused, kept, z, separate),
        recorder -> {
          MatMul.record(
              recorder, MatMul.Layout.NN, a, b, new MatMul.Matrix(fused, n), m, n, k, activated);
          MatMul.record(recorder, MatMul.Layout.NN, a, b, new MatMul.Matrix(z, n), m, n, k, sum);
          Activation.forward(recorder, function, z, separate);
        });
    assertArrayEquals(bench.read(z), bench.read(kept));
    assertArrayEquals(bench.read(separate), bench.read(fused));
  }

  @Test
  void shouldCheckOperands() {
    MatMul.Matrix c = matrix(40);
    MatMul.Matrix z = matrix(40);
    MatMul.Epilogue silu = MatMul.Epilogue.NONE.withActivation(Activation.Function.SILU);
    MatMul.Batch two = new MatMul.Batch(2, 0, 0, 20);
    String offset = "offset=" + z.span().offset();
    assertEquals(
        "MatMul.NN: preActivation needs an activation: preActivation=" + z.span(),
        failure(c, MatMul.Epilogue.NONE.withPreActivation(z), two));
    assertEquals(
        "MatMul.NN: c and preActivation must not overlap: c="
            + c.span()
            + ", preActivation="
            + c.span(),
        failure(c, silu.withPreActivation(c), two));
    assertEquals(
        "MatMul.NN: preActivation is too short: length=40, needed=41, arena=workbench, " + offset,
        failure(c, silu.withPreActivation(z), two.withPreActivationStride(21)));
    assertEquals(
        "MatMul.NN: batch.preActivationStride must keep the products of a batch apart:"
            + " batch.preActivationStride=4",
        failure(c, silu.withPreActivation(z), two.withPreActivationStride(4)));
    assertEquals(
        "MatMul.NN: residual and c must not overlap: residual=" + c.span() + ", c=" + c.span(),
        failure(c, new MatMul.Epilogue(null, c, false, Activation.Function.RELU, null), two));
    assertEquals(
        "MatMul.NN: batch.residualStride must be that of c, which it shares floats with, 20:"
            + " batch.residualStride=0",
        failure(c, new MatMul.Epilogue(null, c, false), two.withResidualStride(0)));
    assertEquals(
        "MatMul.NN: residual is too short: length=40, needed=41, arena=workbench, " + offset,
        failure(c, new MatMul.Epilogue(null, z, false), two.withResidualStride(21)));
    assertEquals(
        "MatMul.NN: bias is too short: length=40, needed=41, arena=workbench, " + offset,
        failure(c, MatMul.Epilogue.bias(z.span()), two.withBiasStride(36)));
    assertEquals(
        "MatMul.Batch: residualStride must be at least 0: residualStride=-1",
        assertThrows(IllegalArgumentException.class, () -> two.withResidualStride(-1))
            .getMessage());
  }

  private MatMul.Matrix matrix(int floats) {
    return new MatMul.Matrix(bench.output(floats), 5);
  }

  private String failure(MatMul.Matrix c, MatMul.Epilogue epilogue, MatMul.Batch batch) {
    MatMul.Matrix a = new MatMul.Matrix(bench.output(24), 6);
    MatMul.Matrix b = matrix(30);
    Executable launch =
        () -> MatMul.record(null, MatMul.Layout.NN, a, b, c, 4, 5, 6, epilogue, batch);
    return assertThrows(IllegalArgumentException.class, launch).getMessage();
  }
}
