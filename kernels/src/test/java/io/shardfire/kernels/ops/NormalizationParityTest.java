package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.kernels.selftest.NormalizationChecks;
import io.shardfire.kernels.selftest.Workbench;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RMSNorm and the norms fused with a residual against their references. */
class NormalizationParityTest {
  private final Workbench bench =
      new Workbench(ComputeContext.open(ComputeDevice.select("auto")), 600_000, 42);
  private final NormalizationChecks checks = new NormalizationChecks(bench);

  private static void assertOk(CheckResult result) {
    assertTrue(result.ok(), result::toString);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 8", "3, 5", "8, 16", "9, 17", "37, 33", "100, 768", "5, 1601", "1000, 3"})
  void shouldNormalise(int rows, int width) {
    assertOk(checks.rmsNorm(rows, width, false));
    assertOk(checks.rmsNorm(rows, width, true));
    assertOk(checks.residualRmsNorm(rows, width));
    assertOk(checks.residualLayerNorm(rows, width));
  }

  @Test
  void shouldComputeTheSameBitsEveryTime() {
    int rows = 131;
    int width = 101;
    Span x = bench.input(bench.values(rows * width));
    Span residual = bench.input(bench.values(rows * width));
    Span weight = bench.input(bench.values(width));
    Span sum = bench.output(rows * width);
    Span y = bench.output(rows * width);
    Span stats = bench.output(rows);
    Span dx = bench.output(rows * width);
    Span dweight = bench.output(width);
    Repeats.assertSameBits(
        bench,
        List.of(sum, y, stats, dx, dweight),
        recorder -> {
          RmsNorm.forwardResidual(recorder, rows, width, 1e-5f, x, residual, weight, sum, y, stats);
          RmsNorm.backward(recorder, rows, width, sum, weight, stats, y, dx, false, dweight, false);
        });
  }

  @Test
  void shouldCheckOperands() {
    Span floats = bench.output(100);
    Span short99 = bench.output(99);
    Span stats = bench.output(10);
    assertEquals(
        "RmsNorm.forward: x is too short: length=99, needed=100, arena=workbench, offset="
            + short99.offset(),
        failure(() -> RmsNorm.forward(null, 10, 10, 0f, short99, stats, floats, stats)));
    assertEquals(
        "RmsNorm.forwardResidual: y and sum must not overlap: y=" + floats + ", sum=" + floats,
        failure(
            () ->
                RmsNorm.forwardResidual(
                    null, 10, 10, 0f, floats, floats, stats, floats, floats, stats)));
    assertEquals(
        "LayerNorm.forwardResidual: residual is missing",
        failure(
            () ->
                LayerNorm.forwardResidual(
                    null, 10, 10, 0f, floats, null, stats, stats, floats, floats, stats)));
  }

  private static String failure(Executable launch) {
    return assertThrows(IllegalArgumentException.class, launch).getMessage();
  }
}
