package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.KernelForm;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.reference.MatMulReference;
import io.shardfire.kernels.reference.ProductOrder;
import io.shardfire.kernels.selftest.Workbench;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products to the bit: the order of every sum is fixed, whatever strips and tiles compute it. */
class ProductOrderTest {
  private static final ComputeContext CONTEXT = ComputeContext.open(ComputeDevice.select("auto"));
  private final Workbench bench = new Workbench(CONTEXT, 1_500_000, 17);

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private MatMul.Matrix dense(double[] values, int columns) {
    return new MatMul.Matrix(bench.input(values), columns);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "5, 31, 7",
    "6, 64, 192",
    "6, 65, 193",
    "7, 63, 384",
    "12, 128, 385",
    "13, 97, 769",
    "59, 161, 401",
    "103, 193, 577",
    "521, 129, 35",
  })
  void shouldAddInOneOrder(int m, int n, int k) {
    assumeTrue(CONTEXT.form() == KernelForm.CPU);
    double[] a = bench.values(m * k);
    double[] b = bench.values(k * n);
    float[] expected = ProductOrder.multiply(floats(a), floats(b), m, n, k);
    float[] expectedTn = ProductOrder.multiplyTn(floats(a), floats(b), m, n, k);
    for (MatMul.Layout layout : MatMul.Layout.values()) {
      bench.clear();
      MatMul.Matrix left =
          layout == MatMul.Layout.TN ? dense(MatMulReference.transpose(a, m, k), m) : dense(a, k);
      MatMul.Matrix right =
          layout == MatMul.Layout.NT ? dense(MatMulReference.transpose(b, k, n), k) : dense(b, n);
      Span c = bench.output(m * n);
      bench.run(
          recorder ->
              MatMul.record(
                  recorder,
                  layout,
                  left,
                  right,
                  new MatMul.Matrix(c, n),
                  m,
                  n,
                  k,
                  MatMul.Epilogue.NONE));
      assertArrayEquals(
          layout == MatMul.Layout.TN ? expectedTn : expected,
          floats(bench.read(c)),
          layout.toString());
    }
  }

  /** Bands of a matrix are computed by narrower strips than the whole. */
  @Test
  void shouldFinishBandsOfColumnsLikeTheWhole() {
    int m = 29;
    int n = 157;
    int k = 401;
    MatMul.Matrix a = dense(bench.values(m * k), k);
    MatMul.Matrix b = dense(bench.values(k * n), n);
    Span bias = bench.input(bench.values(n));
    MatMul.Matrix residual = dense(bench.values(m * n), n);
    MatMul.Matrix whole = new MatMul.Matrix(bench.output(m * n), n);
    MatMul.Matrix banded = new MatMul.Matrix(bench.output(m * n), n);
    Activation.Function function = Activation.Function.GELU;
    bench.run(
        recorder -> {
          MatMul.Epilogue epilogue =
              new MatMul.Epilogue(bias, residual, false).withActivation(function);
          MatMul.record(recorder, MatMul.Layout.NN, a, b, whole, m, n, k, epilogue);
          for (int column = 0; column < n; column += 31) {
            int width = Math.min(31, n - column);
            MatMul.Epilogue part =
                new MatMul.Epilogue(bias.slice(column, width), from(residual, column), false)
                    .withActivation(function);
            MatMul.record(
                recorder,
                MatMul.Layout.NN,
                a,
                from(b, column),
                from(banded, column),
                m,
                width,
                k,
                part);
          }
        });
    assertArrayEquals(bench.read(whole.span()), bench.read(banded.span()));
  }

  private static MatMul.Matrix from(MatMul.Matrix matrix, int column) {
    Span span = matrix.span();
    return new MatMul.Matrix(span.slice(column, span.length() - column), matrix.stride());
  }
}
