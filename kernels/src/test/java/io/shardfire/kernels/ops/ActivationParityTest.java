package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.selftest.ActivationChecks;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.kernels.selftest.Workbench;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Activation functions and gated units against their references. */
class ActivationParityTest {
  private final Workbench bench =
      new Workbench(ComputeContext.open(ComputeDevice.select("auto")), 700_000, 42);
  private final ActivationChecks checks = new ActivationChecks(bench);

  private static void assertOk(CheckResult result) {
    assertTrue(result.ok(), result::toString);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8, 15, 16, 17, 8192, 8195, 100_001})
  void shouldActivate(int length) {
    for (Activation.Function function : Activation.Function.values()) {
      assertOk(checks.activation(function, length));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 16", "3, 7", "4, 17", "5, 33", "37, 100", "2, 11008", "1031, 3"})
  void shouldGate(int rows, int width) {
    for (Activation.Function function : Activation.Function.values()) {
      assertOk(checks.gated(function, rows, width));
    }
  }

  @ParameterizedTest
  @EnumSource(Activation.Function.class)
  void shouldSaturateAndShowNaN(Activation.Function function) {
    Span x = bench.input(-1e6, -100, 0, 100, 1e6, Double.NaN);
    Span ones = bench.input(1, 1, 1, 1, 1, 1);
    Span y = bench.output(6);
    Span dx = bench.output(6);
    bench.run(
        recorder -> {
          Activation.forward(recorder, function, x, y);
          Activation.backward(recorder, function, x, ones, dx);
        });
    boolean bounded = function == Activation.Function.TANH;
    double[] expected = bounded ? new double[] {-1, -1, 0, 1, 1} : new double[] {0, 0, 0, 100, 1e6};
    for (int i = 0; i < 5; i++) {
      assertEquals(expected[i], bench.read(y)[i], 1e-6);
      if (i != 2) {
        assertEquals(i < 2 || bounded ? 0 : 1, bench.read(dx)[i], 1e-6);
      }
    }
    assertTrue(Double.isNaN(bench.read(y)[5]));
    assertTrue(Double.isNaN(bench.read(dx)[5]));
  }

  @Test
  void shouldComputeTheSameBitsEveryTime() {
    Span x = bench.input(bench.values(2 * 37 * 1001));
    Span dy = bench.input(bench.values(37 * 1001));
    Span y = bench.output(37 * 1001);
    Span dx = bench.output(2 * 37 * 1001);
    Repeats.assertSameBits(
        bench,
        List.of(y, dx),
        recorder -> {
          Gated.forward(recorder, Activation.Function.GELU, 37, 1001, x, y);
          Gated.backward(recorder, Activation.Function.SILU, 37, 1001, x, dy, dx);
        });
  }

  @Test
  void shouldCheckOperands() {
    Span ten = bench.output(10);
    Span nine = bench.output(9);
    assertEquals(
        "Activation.backward: dy must have the length of the others, 9: dy=10",
        failure(() -> Activation.backward(null, Activation.Function.SILU, nine, ten, nine)));
    assertEquals(
        "Gated.forward: x is too short: length=9, needed=10, arena=workbench, offset="
            + nine.offset(),
        failure(() -> Gated.forward(null, Activation.Function.SILU, 1, 5, nine, ten)));
  }

  private static String failure(Executable launch) {
    return assertThrows(IllegalArgumentException.class, launch).getMessage();
  }
}
