package io.shardfire.kernels.bench;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Activation;
import io.shardfire.kernels.ops.CrossEntropy;
import io.shardfire.kernels.ops.Gated;
import io.shardfire.kernels.ops.LayerNorm;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.Positions;
import io.shardfire.kernels.ops.RmsNorm;
import io.shardfire.kernels.ops.Rope;
import io.shardfire.kernels.ops.Softmax;

/** Times the operations on rows of activations at the shapes of models with some 768 dims. */
final class RowBenchmark {
  private static final int ROWS = 16_384;
  private static final int WIDTH = 768;
  private static final int GATED_ROWS = 4096;
  private static final int HIDDEN = 2048;
  private static final int HEADS = 12;
  private static final int TIME = 256;
  private static final float EPSILON = 1e-5f;

  private final KernelBenchmark bench;

  RowBenchmark(KernelBenchmark bench) {
    this.bench = bench;
  }

  void measureAll() {
    norms();
    residualNorms();
    for (Activation.Function function : Activation.Function.values()) {
      activation(function);
    }
    gated(Activation.Function.SILU);
    gated(Activation.Function.GELU);
    positions();
    softmax(16_384, 1024);
    smoothedCrossEntropy(512, 50_257);
  }

  private void norms() {
    Span x = bench.span((long) ROWS * WIDTH);
    Span y = bench.span((long) ROWS * WIDTH);
    Span dx = bench.span((long) ROWS * WIDTH);
    Span weight = bench.span(WIDTH);
    Span dweight = bench.span(WIDTH);
    Span stats = bench.span(ROWS);
    CommandBuffer forward =
        bench.record(
            recorder -> RmsNorm.forward(recorder, ROWS, WIDTH, EPSILON, x, weight, y, stats));
    CommandBuffer backward =
        bench.record(
            recorder ->
                RmsNorm.backward(
                    recorder, ROWS, WIDTH, x, weight, stats, y, dx, true, dweight, false));
    rows("RmsNorm.forward", 2, forward);
    rows("RmsNorm.backward", 6, backward);
  }

  private void residualNorms() {
    Span x = bench.span((long) ROWS * WIDTH);
    Span residual = bench.span((long) ROWS * WIDTH);
    Span sum = bench.span((long) ROWS * WIDTH);
    Span y = bench.span((long) ROWS * WIDTH);
    Span weight = bench.span(WIDTH);
    Span bias = bench.span(WIDTH);
    Span stats = bench.span(2L * ROWS);
    CommandBuffer rms =
        bench.record(
            recorder ->
                RmsNorm.forwardResidual(
                    recorder, ROWS, WIDTH, EPSILON, x, residual, weight, sum, y, stats));
    CommandBuffer layer =
        bench.record(
            recorder ->
                LayerNorm.forwardResidual(
                    recorder, ROWS, WIDTH, EPSILON, x, residual, weight, bias, sum, y, stats));
    rows("RmsNorm.forwardResidual", 4, rms);
    rows("LayerNorm.forwardResidual", 4, layer);
  }

  /** A measurement that moves {@code passes} matrices of the usual size. */
  private void rows(String operation, int passes, CommandBuffer commands) {
    bench.floats(operation, ROWS + "x" + WIDTH, (double) passes * ROWS * WIDTH, commands);
  }

  private void activation(Activation.Function function) {
    int length = KernelBenchmark.ELEMENTS;
    int exponentials = function == Activation.Function.RELU ? 0 : length;
    Span x = bench.span(length);
    Span y = bench.span(length);
    Span dx = bench.span(length);
    CommandBuffer forward = bench.record(recorder -> Activation.forward(recorder, function, x, y));
    CommandBuffer backward =
        bench.record(recorder -> Activation.backward(recorder, function, x, y, dx));
    String shape = function + " " + length;
    bench.floats("Activation.forward", shape, 2.0 * length, exponentials, forward);
    bench.floats("Activation.backward", shape, 3.0 * length, exponentials, backward);
  }

  private void gated(Activation.Function function) {
    Span x = bench.span(2L * GATED_ROWS * HIDDEN);
    Span y = bench.span((long) GATED_ROWS * HIDDEN);
    Span dx = bench.span(2L * GATED_ROWS * HIDDEN);
    CommandBuffer forward =
        bench.record(recorder -> Gated.forward(recorder, function, GATED_ROWS, HIDDEN, x, y));
    CommandBuffer backward =
        bench.record(recorder -> Gated.backward(recorder, function, GATED_ROWS, HIDDEN, x, y, dx));
    String shape = function + " " + GATED_ROWS + "x" + HIDDEN;
    double count = (double) GATED_ROWS * HIDDEN;
    bench.floats("Gated.forward", shape, 3 * count, count, forward);
    bench.floats("Gated.backward", shape, 5 * count, count, backward);
  }

  private void positions() {
    int headSize = WIDTH / HEADS;
    MatMul.Matrix x = new MatMul.Matrix(bench.span((long) ROWS * WIDTH), WIDTH);
    MatMul.Matrix y = new MatMul.Matrix(bench.span((long) ROWS * WIDTH), WIDTH);
    Span turns = bench.span((long) TIME * headSize);
    Span table = bench.span((long) TIME * WIDTH);
    Rope.writeTable(turns, headSize, 10_000);
    Positions.writeSinusoids(table, WIDTH, 10_000);
    CommandBuffer sum =
        bench.record(
            recorder ->
                Positions.add(recorder, ROWS, TIME, WIDTH, x.span(), table, null, y.span()));
    for (Rope.Pairing pairing : Rope.Pairing.values()) {
      Rope.Shape shape = new Rope.Shape(ROWS, TIME, HEADS, headSize, headSize, pairing);
      CommandBuffer rope =
          bench.record(recorder -> Rope.forward(recorder, shape, x, turns, null, y));
      rows("Rope " + pairing, 2, rope);
    }
    rows("Positions.add", 2, sum);
  }

  private void softmax(int rows, int columns) {
    MatMul.Matrix x = new MatMul.Matrix(bench.span((long) rows * columns), columns);
    MatMul.Matrix y = new MatMul.Matrix(bench.span((long) rows * columns), columns);
    MatMul.Matrix dx = new MatMul.Matrix(bench.span((long) rows * columns), columns);
    CommandBuffer forward =
        bench.record(recorder -> Softmax.forward(recorder, rows, columns, x, y));
    CommandBuffer backward =
        bench.record(recorder -> Softmax.backward(recorder, rows, columns, y, x, dx));
    double count = (double) rows * columns;
    bench.floats("Softmax.forward", rows + "x" + columns, 2 * count, count, forward);
    bench.floats("Softmax.backward", rows + "x" + columns, 3 * count, backward);
  }

  private void smoothedCrossEntropy(int rows, int vocabulary) {
    Span logits = bench.span((long) rows * vocabulary);
    Span targets = bench.span(rows);
    Span weights = bench.span(rows);
    Span losses = bench.span(rows);
    for (int row = 0; row < rows; row++) {
      targets.set(row, row);
    }
    targets.upload();
    CrossEntropy.Options options = new CrossEntropy.Options(0.1f, weights);
    CommandBuffer commands =
        bench.record(
            recorder ->
                CrossEntropy.forwardBackward(
                    recorder,
                    rows,
                    vocabulary,
                    logits,
                    vocabulary,
                    targets,
                    losses,
                    1f / rows,
                    options));
    double count = (double) rows * vocabulary;
    bench.floats("CrossEntropy smoothed", rows + "x" + vocabulary, 2 * count, count, commands);
  }
}
