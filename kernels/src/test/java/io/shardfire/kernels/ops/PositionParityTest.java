package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.kernels.selftest.PositionChecks;
import io.shardfire.kernels.selftest.Workbench;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rotary and added positions against their references. */
class PositionParityTest {
  private final Workbench bench =
      new Workbench(ComputeContext.open(ComputeDevice.select("auto")), 700_000, 42);
  private final PositionChecks checks = new PositionChecks(bench);

  private static void assertOk(CheckResult result) {
    assertTrue(result.ok(), result::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 2, 2, 0, 0",
    "1, 1, 3, 64, 64, 7, 500",
    "5, 5, 1, 8, 6, 0, 0",
    "9, 4, 2, 33, 32, 1, 3",
    "37, 16, 3, 40, 20, 11, 0",
    "100, 50, 2, 256, 256, 0, 7",
    "513, 512, 3, 34, 34, 3, 1",
  })
  void shouldRotate(int rows, int time, int heads, int headSize, int dims, int padding, int start) {
    for (Rope.Pairing pairing : Rope.Pairing.values()) {
      Rope.Shape shape = new Rope.Shape(rows, time, heads, headSize, dims, pairing);
      assertOk(checks.rope(shape, padding, start));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1, 0", "5, 5, 7, 3", "16, 8, 16, 0", "37, 10, 33, 2", "200, 128, 257, 0"})
  void shouldAddPositions(int rows, int time, int width, int start) {
    assertOk(checks.positions(rows, time, width, start, false));
    assertOk(checks.positions(rows, time, width, start, true));
  }

  @Test
  void shouldShowAPositionBehindTheTable() {
    Span x = bench.input(bench.values(2 * 8));
    Span table = bench.output(3 * 8);
    Span start = bench.input(2);
    Span turned = bench.output(2 * 8);
    Span sum = bench.output(2 * 8);
    Rope.writeTable(table, 8, 10_000);
    bench.run(
        recorder -> {
          Rope.forward(
              recorder,
              new Rope.Shape(2, 2, 1, 8, 8, Rope.Pairing.HALVES),
              new MatMul.Matrix(x, 8),
              table,
              start,
              new MatMul.Matrix(turned, 8));
          Positions.add(recorder, 2, 2, 8, x, table, start, sum);
        });
    for (int i = 0; i < 16; i++) {
      assertEquals(i >= 8, Double.isNaN(bench.read(turned)[i]));
      assertEquals(i >= 8, Double.isNaN(bench.read(sum)[i]));
    }
    assertEquals(List.of(), bench.damage());
  }

  @Test
  void shouldComputeTheSameBitsEveryTime() {
    Rope.Shape shape = new Rope.Shape(131, 131, 3, 34, 30, Rope.Pairing.NEIGHBOURS);
    Span x = bench.input(bench.values(131 * 102));
    Span table = bench.output(131 * 30);
    Rope.writeTable(table, 30, 10_000);
    Span y = bench.output(131 * 102);
    Repeats.assertSameBits(
        bench,
        List.of(y),
        recorder ->
            Rope.forward(
                recorder,
                shape,
                new MatMul.Matrix(x, 102),
                table,
                null,
                new MatMul.Matrix(y, 102)));
  }

  @Test
  void shouldCheckOperands() {
    assertEquals(
        "Rope.Shape: rotaryDims must be even, from 2 to headSize, 8: rotaryDims=10",
        failure(() -> new Rope.Shape(1, 1, 1, 8, 10, Rope.Pairing.HALVES)));
    Span x = bench.output(16);
    Span table = bench.output(8);
    Rope.Shape shape = new Rope.Shape(2, 2, 1, 8, 8, Rope.Pairing.HALVES);
    Span wide = bench.output(17);
    assertEquals(
        "Rope.forward: out.stride must equal in.stride, 8, in place: out.stride=9",
        failure(
            () ->
                Rope.forward(
                    null,
                    shape,
                    new MatMul.Matrix(wide, 8),
                    table,
                    null,
                    new MatMul.Matrix(wide, 9))));
    assertEquals(
        "Positions.add: table is too short: length=8, needed=9, arena=workbench, offset="
            + table.offset(),
        failure(() -> Positions.add(null, 1, 1, 9, x, table, null, x)));
  }

  private static String failure(Executable launch) {
    return assertThrows(IllegalArgumentException.class, launch).getMessage();
  }
}
