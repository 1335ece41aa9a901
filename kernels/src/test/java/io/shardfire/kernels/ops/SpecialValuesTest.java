package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.selftest.Workbench;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Values outside the usual range: what is wrong must show, and must not spread. */
class SpecialValuesTest {
  private final Workbench bench =
      new Workbench(ComputeContext.open(ComputeDevice.select("auto")), 20_000, 3);

  @Test
  void shouldSaturateGelu() {
    double[] x = {-1e6, -100, -20, -9.5, 0, 9.5, 20, 100, 1e6};
    Span in = bench.input(x);
    Span y = bench.output(x.length);
    Span dx = bench.output(x.length);
    double[] dy = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    Span upstream = bench.input(dy);
    bench.run(
        recorder -> {
          Gelu.forward(recorder, in, y);
          Gelu.backward(recorder, in, upstream, dx);
        });
    assertArrayEquals(new double[] {0, 0, 0, 0, 0, 9.5, 20, 100, 1e6}, bench.read(y), 1e-6);
    assertArrayEquals(new double[] {0, 0, 0, 0, 0.5, 1, 1, 1, 1}, bench.read(dx), 1e-6);
  }

  @Test
  void shouldShowNaNInTheLoss() {
    double[] logits = bench.values(3 * 37);
    logits[5] = Double.NaN;
    logits[37 + 36] = Double.POSITIVE_INFINITY;
    Span z = bench.input(logits);
    Span targets = bench.input(1, 2, 3);
    Span losses = bench.output(3);
    bench.run(recorder -> CrossEntropy.forward(recorder, 3, 37, z, 37, targets, losses));
    double[] values = bench.read(losses);
    assertTrue(Double.isNaN(values[0]));
    assertTrue(Double.isNaN(values[1]));
    assertTrue(Double.isFinite(values[2]));
  }

  @Test
  void shouldShowATargetOutsideTheVocabulary() {
    Span z = bench.input(bench.values(2 * 10));
    Span targets = bench.input(10, 9);
    Span losses = bench.output(2);
    bench.run(
        recorder -> CrossEntropy.forwardBackward(recorder, 2, 10, z, 10, targets, losses, 1f));
    double[] values = bench.read(losses);
    assertTrue(Double.isNaN(values[0]));
    assertTrue(Double.isFinite(values[1]));
    assertEquals(List.of(), bench.damage());
  }

  @Test
  void shouldShowAnIdOutsideTheTable() {
    double[] tokens = bench.values(4 * 3);
    double[] dx = bench.values(3 * 3);
    Span ids = bench.input(4, -1, 2);
    Span table = bench.input(tokens);
    Span out = bench.output(9);
    Span upstream = bench.input(dx);
    Span dtokens = bench.input(new double[12]);
    bench.run(
        recorder -> {
          Embedding.forward(recorder, 3, 3, 3, ids, table, null, out);
          Embedding.backward(recorder, 3, 3, 3, ids, upstream, dtokens, null, false);
        });
    double[] rows = bench.read(out);
    double[] gradient = new double[12];
    for (int i = 0; i < 3; i++) {
      assertTrue(Double.isNaN(rows[i]));
      assertTrue(Double.isNaN(rows[3 + i]));
      assertEquals(tokens[6 + i], rows[6 + i]);
      gradient[6 + i] = dx[6 + i];
    }
    assertArrayEquals(gradient, bench.read(dtokens));
    assertEquals(List.of(), bench.damage());
  }

  @Test
  void shouldShowAPositionBehindTheCache() {
    Span qkv = bench.input(bench.values(24));
    Span keys = bench.input(new double[16]);
    Span values = bench.input(new double[16]);
    Span position = bench.input(2);
    Span out = bench.output(8);
    bench.run(recorder -> Attention.decode(recorder, 2, 1, 8, qkv, keys, values, position, out));
    assertTrue(Double.isNaN(bench.read(out)[0]));
    assertArrayEquals(new double[16], bench.read(keys));
    assertEquals(List.of(), bench.damage());
  }

  @Test
  void shouldAttendWithLargeScores() {
    Attention.Shape shape = new Attention.Shape(1, 3, 1, 8);
    double[] qkv = new double[3 * 24];
    for (int t = 0; t < 3; t++) {
      qkv[t * 24] = 1000;
      qkv[t * 24 + 8] = t == 1 ? 1000 : -1000;
      qkv[t * 24 + 16] = t + 1;
    }
    Span packed = bench.input(qkv);
    Span out = bench.output(24);
    Span lse = bench.output(3);
    bench.run(recorder -> Attention.forward(recorder, shape, packed, out, lse, null));
    double[] rows = bench.read(out);
    assertArrayEquals(new double[] {1, 2, 2}, new double[] {rows[0], rows[8], rows[16]}, 1e-6);
  }
}
