package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.CrossEntropy;
import io.shardfire.kernels.ops.Embedding;
import io.shardfire.kernels.ops.LayerNorm;
import io.shardfire.kernels.reference.CrossEntropyReference;
import io.shardfire.kernels.reference.EmbeddingReference;
import io.shardfire.kernels.reference.LayerNormReference;
import java.util.Arrays;

/**
 * Compares the operations on rows of activations with the reference, for any sizes. Each check
 * clears the bench first.
 */
public final class RowChecks {
  private final Workbench bench;

  /** Checks on the given bench. */
  public RowChecks(Workbench bench) {
    this.bench = bench;
  }

  /** Forward and backward; {@code accumulate} adds to gradients that are not zero. */
  public CheckResult layerNorm(int rows, int width, boolean accumulate) {
    bench.clear();
    double[] x = bench.values(rows * width);
    double[] weight = bench.values(width);
    double[] bias = bench.values(width);
    double[] dy = bench.values(rows * width);
    double[] oldInput = bench.values(rows * width);
    double[] oldWeight = bench.values(width);
    double[] oldBias = bench.values(width);
    float epsilon = 1e-2f;
    Span xs = bench.input(x);
    Span ws = bench.input(weight);
    Span bs = bench.input(bias);
    Span dys = bench.input(dy);
    Span y = bench.output(rows * width);
    Span stats = bench.output(2 * rows);
    Span dx = accumulate ? bench.input(oldInput) : bench.output(rows * width);
    Span dw = accumulate ? bench.input(oldWeight) : bench.output(width);
    Span db = accumulate ? bench.input(oldBias) : bench.output(width);
    bench.run(
        recorder -> {
          LayerNorm.forward(recorder, rows, width, epsilon, xs, ws, bs, y, stats);
          LayerNorm.backward(
              recorder, rows, width, xs, ws, stats, dys, dx, accumulate, dw, db, accumulate);
        });
    LayerNormReference.Result forward =
        LayerNormReference.forward(x, weight, bias, rows, width, epsilon);
    LayerNormReference.Gradients backward =
        LayerNormReference.backward(x, weight, forward.stats(), dy, rows, width);
    if (accumulate) {
      addTo(backward.dx(), oldInput);
      addTo(backward.dweight(), oldWeight);
      addTo(backward.dbias(), oldBias);
    }
    return new Comparison(bench)
        .output(y, forward.y())
        .output(stats, forward.stats())
        .output(dx, backward.dx())
        .output(dw, backward.dweight())
        .output(db, backward.dbias())
        .within(
            "LayerNorm " + rows + "x" + width + (accumulate ? " accumulate" : ""),
            32 + 2 * Math.sqrt((double) width + rows));
  }

  /** Forward, with and without positions and at a position, and backward. */
  public CheckResult embedding(int rows, int time, int width, int vocabulary, boolean accumulate) {
    bench.clear();
    int[] ids = bench.integers(rows, vocabulary);
    int places = time + 2;
    int pairs = (rows + 1) / 2;
    int[] starts = bench.integers(pairs, places - 1);
    double[] tokens = bench.values(vocabulary * width);
    double[] positions = bench.values(places * width);
    double[] dx = bench.values(rows * width);
    double[] oldTokens = bench.values(vocabulary * width);
    double[] oldPositions = bench.values(places * width);
    Span idSpan = bench.input(ids);
    Span tokenSpan = bench.input(tokens);
    Span positionSpan = bench.input(positions);
    Span startSpan = bench.input(starts);
    Span out = bench.output(rows * width);
    Span bare = bench.output(rows * width);
    Span at = bench.output(rows * width);
    Span dxSpan = bench.input(dx);
    Span dtokens = bench.input(oldTokens);
    Span dpositions = accumulate ? bench.input(oldPositions) : bench.output(places * width);
    bench.run(
        recorder -> {
          Embedding.forward(recorder, rows, time, width, idSpan, tokenSpan, positionSpan, out);
          Embedding.forward(recorder, rows, time, width, idSpan, tokenSpan, null, bare);
          Embedding.forwardAt(
              recorder, rows, 2, width, idSpan, startSpan, tokenSpan, positionSpan, at);
          Embedding.backward(
              recorder, rows, time, width, idSpan, dxSpan, dtokens, dpositions, accumulate);
        });
    double[] expectedPositions = accumulate ? oldPositions.clone() : new double[places * width];
    EmbeddingReference.backward(ids, dx, oldTokens, expectedPositions, time, width);
    double[] placed = new double[rows * width];
    for (int row = 0; row < rows; row++) {
      int place = starts[row / 2] + row % 2;
      System.arraycopy(positions, place * width, placed, row * width, width);
    }
    return new Comparison(bench)
        .output(out, EmbeddingReference.forward(ids, tokens, positions, time, width))
        .output(bare, EmbeddingReference.forward(ids, tokens, null, time, width))
        .output(at, EmbeddingReference.forward(ids, tokens, placed, rows, width))
        .output(dtokens, oldTokens)
        .output(dpositions, expectedPositions)
        .within(
            "Embedding " + rows + "x" + width + " vocabulary=" + vocabulary, 4 + Math.sqrt(rows));
  }

  /** Forward alone and with the gradient; every third target is ignored. */
  public CheckResult crossEntropy(int rows, int vocabulary, int padding) {
    bench.clear();
    int stride = vocabulary + padding;
    double[] logits = bench.values(rows * vocabulary);
    Arrays.setAll(logits, i -> (float) (logits[i] * 10));
    int[] targets = bench.integers(rows, vocabulary);
    for (int row = 2; row < rows; row += 3) {
      targets[row] = -1;
    }
    Span kept = bench.matrix(logits, vocabulary, stride);
    Span replaced = bench.output(rows * stride);
    for (int row = 0; row < rows; row++) {
      for (int j = 0; j < vocabulary; j++) {
        replaced.set(row * stride + j, (float) logits[row * vocabulary + j]);
      }
    }
    replaced.upload();
    Span targetSpan = bench.input(targets);
    Span losses = bench.output(rows);
    Span lossesOnly = bench.output(rows);
    float scale = 0.37f;
    bench.run(
        recorder -> {
          CrossEntropy.forward(recorder, rows, vocabulary, kept, stride, targetSpan, lossesOnly);
          CrossEntropy.forwardBackward(
              recorder, rows, vocabulary, replaced, stride, targetSpan, losses, scale);
        });
    CrossEntropyReference.Result expected =
        CrossEntropyReference.forwardBackward(logits, targets, vocabulary, scale);
    double[] padded = new double[rows * stride];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(expected.gradient(), row * vocabulary, padded, row * stride, vocabulary);
    }
    return new Comparison(bench)
        .output(losses, expected.losses())
        .output(lossesOnly, expected.losses())
        .output(replaced, padded)
        .output(bench.read(kept, vocabulary, stride), logits)
        .within("CrossEntropy " + rows + "x" + vocabulary, 32 + Math.sqrt(vocabulary));
  }

  private static void addTo(double[] sum, double[] x) {
    Arrays.setAll(sum, i -> sum[i] + x[i]);
  }
}
