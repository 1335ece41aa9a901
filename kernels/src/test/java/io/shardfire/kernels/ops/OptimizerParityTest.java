package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.kernels.selftest.OptimizerChecks;
import io.shardfire.kernels.selftest.Workbench;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SGD, Lion and Adafactor against their references. */
class OptimizerParityTest {
  private final Workbench bench =
      new Workbench(ComputeContext.open(ComputeDevice.select("auto")), 900_000, 42);
  private final OptimizerChecks checks = new OptimizerChecks(bench);

  private static void assertOk(CheckResult result) {
    assertTrue(result.ok(), result::toString);
  }

  @ParameterizedTest
  @CsvSource({"1", "3", "8", "16", "17", "8192", "8195", "100001"})
  void shouldStep(int length) {
    assertOk(checks.sgd(length, 0f, false));
    assertOk(checks.sgd(length, 0.875f, false));
    assertOk(checks.sgd(length, 0.875f, true));
    assertOk(checks.lion(length));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 37", "5, 1", "8, 32", "9, 33", "101, 1000", "1000, 7", "1, 10000"})
  void shouldStepAdafactor(int rows, int columns) {
    assertOk(checks.adafactor(rows, columns, 1f, false));
    assertOk(checks.adafactor(rows, columns, 0.25f, true));
    assertOk(checks.adafactor(rows, columns, 100f, true));
  }

  @Test
  void shouldShowNaNInTheParameters() {
    Span gradients = bench.input(Double.NaN, 1);
    Span p = bench.input(1, 1);
    Span q = bench.input(1, 1);
    Span momentum = bench.input(0, 0);
    Span step = bench.input(0.5f, 1f);
    bench.run(
        recorder -> {
          Lion.record(recorder, new Lion.Group(0.9f, 0.99f, 0f), p, gradients, momentum, step);
          Sgd.record(recorder, new Sgd.Group(0f, 0f, false), q, gradients, null, step);
        });
    assertTrue(Double.isNaN(bench.read(p)[0]));
    assertTrue(Double.isNaN(bench.read(q)[0]));
    assertEquals(0.5, bench.read(p)[1]);
    assertEquals(0.5, bench.read(q)[1]);
  }

  @Test
  void shouldComputeTheSameBitsEveryTime() {
    int rows = 131;
    int columns = 101;
    Span values = bench.input(bench.values(rows * columns));
    Span p = bench.output(rows * columns);
    Span rowMoment = bench.output(rows);
    Span columnMoment = bench.output(columns);
    Adafactor.State state = new Adafactor.State(rows, columns, p, values, rowMoment, columnMoment);
    Span step = bench.input(0.1f, 0.75f, 0.5f);
    Span scratch = bench.output(Adafactor.scratchFloats(rows));
    Adafactor.Group group = new Adafactor.Group(1e-30f, 1e-3f, 0.5f, 0.1f, true);
    Repeats.assertSameBits(
        bench,
        List.of(p, rowMoment, columnMoment, scratch),
        recorder -> {
          Elementwise.copy(recorder, values, p);
          Elementwise.fill(recorder, rowMoment, 0.5f);
          Elementwise.fill(recorder, columnMoment, 0.5f);
          Adafactor.record(recorder, group, state, step, scratch);
        });
  }

  @Test
  void shouldCheckOperands() {
    Span ten = bench.output(10);
    Span others = bench.output(10);
    Span step = bench.output(3);
    assertEquals(
        "Sgd: momentum must be 0 without a velocity and not 0 with one: momentum=0.5",
        failure(() -> Sgd.record(null, new Sgd.Group(0.5f, 0f, false), ten, others, null, step)));
    assertEquals(
        "Lion: parameters and momentum must not overlap: parameters=" + ten + ", momentum=" + ten,
        failure(() -> Lion.record(null, new Lion.Group(0.9f, 0.9f, 0f), ten, others, ten, step)));
    assertEquals(
        "Adafactor.Group: clipThreshold must be positive: clipThreshold=0.0",
        failure(() -> new Adafactor.Group(1e-30f, 1e-3f, 0f, 0f, true)));
    Adafactor.Group group = new Adafactor.Group(1e-30f, 1e-3f, 1f, 0f, true);
    Span row = bench.output(2);
    assertEquals(
        "Adafactor: columnMoment is too short: length=2, needed=5, arena=workbench, offset="
            + row.offset(),
        failure(
            () ->
                Adafactor.record(
                    null,
                    group,
                    new Adafactor.State(2, 5, ten, others, step.slice(0, 2), row),
                    step,
                    bench.output(7))));
  }

  private static String failure(Executable launch) {
    return assertThrows(IllegalArgumentException.class, launch).getMessage();
  }
}
