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

class FlashAttentionRepeatabilityTest {
  private static final int RUNS = 10;
  private final Workbench bench =
      new Workbench(ComputeContext.open(ComputeDevice.select("auto")), 1_000_000, 5);

  /** T5 attention of grouped heads with a window, padding and dropout. */
  @Test
  void shouldComputeTheSameBitsEveryTime() {
    AttentionShape shape = new AttentionShape(2, 131, 150, 6, 2, 24);
    RelativeBias.Buckets buckets = new RelativeBias.Buckets(32, 128, true);
    int columns = shape.width();
    int kvColumns = shape.kvWidth();
    MatMul.Matrix q = input(shape.queryRows(), columns);
    MatMul.Matrix k = input(shape.keyRows(), kvColumns);
    MatMul.Matrix v = input(shape.keyRows(), kvColumns);
    MatMul.Matrix dout = input(shape.queryRows(), columns);
    Span ofDistance = bench.output(shape.distances());
    buckets.write(shape, ofDistance);
    Span table = bench.input(bench.values(32 * 6));
    Span key = bench.output(Dropout.KEY_FLOATS);
    Dropout.writeKey(key, 99);
    Span bias = bench.output(shape.heads() * shape.distances());
    Span dbias = bench.output(2 * shape.heads() * shape.distances());
    Span dtable = bench.output(32 * 6);
    Span out = bench.output(shape.queryRows() * columns);
    Span lse = bench.output(shape.queryRows() * shape.heads());
    Span dq = bench.output(shape.queryRows() * columns);
    Span dk = bench.output(shape.keyRows() * kvColumns);
    Span dv = bench.output(shape.keyRows() * kvColumns);
    AttentionOptions options =
        AttentionOptions.of(
                shape, AttentionMask.FULL.withWindow(100).withLengths(bench.input(150, 77)))
            .withScale(1f)
            .withDistanceBias(bias)
            .withDropout(new Dropout.Mask(0.2f, key, 3));
    FlashAttention.Inputs inputs = new FlashAttention.Inputs(q, k, v);
    FlashAttention.Outputs outputs =
        new FlashAttention.Outputs(new MatMul.Matrix(out, columns), lse);
    FlashAttention.Inputs gradients =
        new FlashAttention.Inputs(
            new MatMul.Matrix(dq, columns),
            new MatMul.Matrix(dk, kvColumns),
            new MatMul.Matrix(dv, kvColumns));
    CommandBuffer step =
        bench.record(
            recorder -> {
              RelativeBias.forward(recorder, shape, buckets, ofDistance, table, bias);
              FlashAttention.forward(recorder, options, inputs, outputs);
              FlashAttention.backward(recorder, options, inputs, outputs, dout, gradients, dbias);
              RelativeBias.backward(recorder, shape, buckets, ofDistance, dbias, dtable, false);
            });
    List<Span> results = List.of(out, lse, dq, dk, dv, dbias, dtable);
    step.run();
    List<double[]> first = results.stream().map(bench::read).toList();
    for (double[] values : first) {
      assertEquals(0, Arrays.stream(values).filter(Double::isNaN).count());
    }
    for (int run = 1; run < RUNS; run++) {
      step.run();
      for (int i = 0; i < first.size(); i++) {
        assertArrayEquals(first.get(i), bench.read(results.get(i)));
      }
    }
  }

  private MatMul.Matrix input(int rows, int columns) {
    return new MatMul.Matrix(bench.input(bench.values(rows * columns)), columns);
  }
}
