package io.shardfire.kernels.selftest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Span;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The checks themselves: they must be able to fail. */
class WorkbenchTest {
  private final Workbench bench =
      new Workbench(ComputeContext.open(ComputeDevice.select("auto")), 1000, 1);

  @Test
  void shouldPoisonOutputs() {
    assertTrue(Double.isNaN(bench.read(bench.output(3))[2]));
  }

  @Test
  void shouldFindWritesOutsideTheOperands() {
    Span span = bench.matrix(new double[] {1, 2, 3, 4}, 2, 5);
    assertEquals(List.of(), bench.damage());
    write(span, 6);
    assertEquals(List.of(), bench.damage());
    write(span, 2);
    write(span, 7);
    assertEquals(List.of(span.offset() + 2, span.offset() + 7), bench.damage());
    assertArrayEquals(new double[] {1, 2, 3, 9}, bench.read(span, 2, 5));
  }

  @Test
  void shouldClearWhatWasWrittenBehindAllOperands() {
    Span span = bench.input(1.0);
    write(span, 500);
    assertEquals(List.of(span.offset() + 500), bench.damage());
    bench.clear();
    assertEquals(List.of(), bench.damage());
  }

  @Test
  void shouldRejectDeviationsBeyondRounding() {
    Span span = bench.input(1.0, -2.0);
    assertTrue(compare(span, 1.0, -2.0).ok());
    assertTrue(compare(span, 1.0 + 1e-7, -2.0).ok());
    assertFalse(compare(span, 1.0 + 1e-6, -2.0).ok());
  }

  @Test
  void shouldRejectNaNAndDamage() {
    Span span = bench.input(1.0, Double.NaN);
    assertFalse(compare(span, 1.0, 2.0).ok());
    bench.clear();
    Span sound = bench.input(1.0, 2.0);
    write(sound, 2);
    assertFalse(compare(sound, 1.0, 2.0).ok());
  }

  /** Writes a 9 to the device, at an index relative to a span but perhaps outside. */
  private static void write(Span span, int index) {
    Span target = span.arena().span(span.offset() + index, 1);
    target.arena().array()[target.offset()] = 9;
    target.upload();
  }

  private CheckResult compare(Span span, double... expected) {
    return new Comparison(bench).output(span, expected).within("test", 4);
  }
}
