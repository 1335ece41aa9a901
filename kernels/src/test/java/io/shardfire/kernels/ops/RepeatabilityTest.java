package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.selftest.Workbench;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The same bits on every run, however the threads share the tiles. */
class RepeatabilityTest {
  private static final int RUNS = 10;
  private final Workbench bench =
      new Workbench(ComputeContext.open(ComputeDevice.select("auto")), 1_000_000, 4);

  @Test
  void shouldComputeTheSameBitsEveryTime() {
    Attention.Shape shape = new Attention.Shape(2, 131, 3, 24);
    int rows = 262;
    int width = 72;
    Span x = bench.input(bench.values(rows * width));
    Span weight = bench.input(bench.values(width * 3 * width));
    Span qkv = bench.output(rows * 3 * width);
    Span out = bench.output(rows * width);
    Span lse = bench.output(rows * 3);
    Span dqkv = bench.output(rows * 3 * width);
    Span dweight = bench.output(width * 3 * width);
    Span dbias = bench.output(3 * width);
    Span dx = bench.output(rows * width);
    Span norm = bench.output(rows * width);
    Span stats = bench.output(2 * rows);
    Span dgain = bench.output(width);
    Span dshift = bench.output(width);
    Span ids = bench.input(bench.integers(rows, 7));
    Span dtokens = bench.input(new double[7 * width]);
    Span key = bench.output(Dropout.KEY_FLOATS);
    Dropout.writeKey(key, 99);
    Dropout.Mask mask = new Dropout.Mask(0.2f, key, 1);
    Span gain = weight.slice(0, width);
    CommandBuffer step =
        bench.record(
            recorder -> {
              Elementwise.fill(recorder, dtokens, 0f);
              MatMul.record(
                  recorder,
                  MatMul.Layout.NN,
                  new MatMul.Matrix(x, width),
                  new MatMul.Matrix(weight, 3 * width),
                  new MatMul.Matrix(qkv, 3 * width),
                  rows,
                  3 * width,
                  width,
                  MatMul.Epilogue.NONE);
              Attention.forward(recorder, shape, qkv, out, lse, mask);
              LayerNorm.forward(recorder, rows, width, 1e-5f, out, gain, gain, norm, stats);
              Attention.backward(recorder, shape, qkv, out, lse, norm, dqkv, mask);
              MatMul.record(
                  recorder,
                  MatMul.Layout.TN,
                  new MatMul.Matrix(x, width),
                  new MatMul.Matrix(dqkv, 3 * width),
                  new MatMul.Matrix(dweight, 3 * width),
                  width,
                  3 * width,
                  rows,
                  MatMul.Epilogue.NONE);
              ColumnSum.record(recorder, rows, 3 * width, dqkv, 3 * width, dbias, false);
              LayerNorm.backward(
                  recorder, rows, width, out, gain, stats, norm, dx, false, dgain, dshift, false);
              Embedding.backward(recorder, rows, 131, width, ids, dx, dtokens, null, false);
            });
    List<Span> outputs =
        List.of(qkv, out, lse, dqkv, dweight, dbias, dx, norm, stats, dgain, dshift, dtokens);
    step.run();
    List<double[]> first = outputs.stream().map(bench::read).toList();
    for (double[] values : first) {
      assertEquals(0, Arrays.stream(values).filter(Double::isNaN).count());
    }
    for (int run = 1; run < RUNS; run++) {
      step.run();
      for (int i = 0; i < first.size(); i++) {
        assertArrayEquals(first.get(i), bench.read(outputs.get(i)));
      }
    }
  }

  @Test
  void shouldMultiplyARowAlikeAloneAndAmongOthers() {
    int rows = 29;
    int n = 53;
    int k = 401;
    double[] a = bench.values(rows * k);
    Span all = bench.input(a);
    Span b = bench.input(bench.values(k * n));
    Span together = bench.output(rows * n);
    Span alone = bench.output(rows * n);
    bench.run(
        recorder -> {
          MatMul.Matrix right = new MatMul.Matrix(b, n);
          MatMul.record(
              recorder,
              MatMul.Layout.NN,
              new MatMul.Matrix(all, k),
              right,
              new MatMul.Matrix(together, n),
              rows,
              n,
              k,
              MatMul.Epilogue.NONE);
          for (int row = 0; row < rows; row++) {
            MatMul.record(
                recorder,
                MatMul.Layout.NN,
                new MatMul.Matrix(all.slice(row * k, k), k),
                right,
                new MatMul.Matrix(alone.slice(row * n, n), n),
                1,
                n,
                k,
                MatMul.Epilogue.NONE);
          }
        });
    assertArrayEquals(bench.read(together), bench.read(alone));
  }
}
