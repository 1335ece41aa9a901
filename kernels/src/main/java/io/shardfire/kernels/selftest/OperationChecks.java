package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.AdamW;
import io.shardfire.kernels.ops.Attention;
import io.shardfire.kernels.ops.ColumnSum;
import io.shardfire.kernels.ops.CrossEntropy;
import io.shardfire.kernels.ops.Dropout;
import io.shardfire.kernels.ops.Elementwise;
import io.shardfire.kernels.ops.Embedding;
import io.shardfire.kernels.ops.Gelu;
import io.shardfire.kernels.ops.LayerNorm;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.SquareSum;
import io.shardfire.kernels.reference.AdamWReference;
import io.shardfire.kernels.reference.AttentionReference;
import io.shardfire.kernels.reference.CrossEntropyReference;
import io.shardfire.kernels.reference.DropoutReference;
import io.shardfire.kernels.reference.EmbeddingReference;
import io.shardfire.kernels.reference.GeluReference;
import io.shardfire.kernels.reference.LayerNormReference;
import io.shardfire.kernels.reference.MatMulReference;
import io.shardfire.kernels.reference.ReductionReference;
import java.util.Arrays;

/**
 * One comparison with the reference per operation, for any sizes: the self-test runs them on small
 * ones, the unit tests on many. Each clears the bench first.
 */
public final class OperationChecks {
  private static final long KEY = 0x9abc_def0_1234_5678L;
  private static final float RATE = 0.3f;

  private final Workbench bench;

  /** Checks on the given bench. */
  public OperationChecks(Workbench bench) {
    this.bench = bench;
  }

  /** What a product adds. */
  public enum Extra {
    NONE,
    BIAS,
    BIAS_AND_RESIDUAL,
    ACCUMULATE
  }

  /** Every layout and epilogue, with strides {@code padding} longer than the rows. */
  public CheckResult matMul(MatMul.Layout layout, int m, int n, int k, int padding, Extra extra) {
    bench.clear();
    int aColumns = layout == MatMul.Layout.TN ? m : k;
    int bColumns = layout == MatMul.Layout.NT ? k : n;
    double[] a = bench.values(m * k);
    double[] b = bench.values(k * n);
    double[] old = bench.values(m * n);
    double[] bias = bench.values(n);
    MatMul.Matrix left =
        new MatMul.Matrix(bench.matrix(a, aColumns, aColumns + padding), aColumns + padding);
    MatMul.Matrix right =
        new MatMul.Matrix(bench.matrix(b, bColumns, bColumns + padding), bColumns + padding);
    Span product =
        extra == Extra.ACCUMULATE
            ? bench.matrix(old, n, n + padding)
            : bench.emptyMatrix(m, n, n + padding);
    double[] expected =
        switch (layout) {
          case NN -> MatMulReference.nn(a, b, m, n, k);
          case NT -> MatMulReference.nt(a, b, m, n, k);
          case TN -> MatMulReference.tn(a, b, m, n, k);
        };
    for (int i = 0; i < m * n; i++) {
      if (extra == Extra.BIAS || extra == Extra.BIAS_AND_RESIDUAL) {
        expected[i] += bias[i % n];
      }
      if (extra == Extra.ACCUMULATE || extra == Extra.BIAS_AND_RESIDUAL) {
        expected[i] += old[i];
      }
    }
    MatMul.Epilogue epilogue =
        switch (extra) {
          case NONE -> MatMul.Epilogue.NONE;
          case ACCUMULATE -> MatMul.Epilogue.ACCUMULATE;
          case BIAS -> MatMul.Epilogue.bias(bench.input(bias));
          case BIAS_AND_RESIDUAL ->
              new MatMul.Epilogue(
                  bench.input(bias), new MatMul.Matrix(bench.matrix(old, n, n + 2), n + 2), false);
        };
    bench.run(
        recorder ->
            MatMul.record(
                recorder,
                layout,
                left,
                right,
                new MatMul.Matrix(product, n + padding),
                m,
                n,
                k,
                epilogue));
    return new Comparison(bench)
        .output(bench.read(product, n, n + padding), expected)
        .within("MatMul." + layout + " " + extra + " " + m + "x" + n + "x" + k, 4 + Math.sqrt(k));
  }

  private Dropout.Mask mask(int stream) {
    Span key = bench.output(Dropout.KEY_FLOATS);
    Dropout.writeKey(key, KEY);
    return new Dropout.Mask(RATE, key, stream);
  }

  /** Forward and backward, with or without dropout. */
  public CheckResult attention(Attention.Shape shape, boolean drop) {
    bench.clear();
    int rows = shape.batch() * shape.time();
    double[] qkv = bench.values(3 * rows * shape.width());
    double[] dout = bench.values(rows * shape.width());
    AttentionReference reference =
        new AttentionReference(
            shape.batch(),
            shape.time(),
            shape.heads(),
            shape.headSize(),
            drop ? new DropoutReference(RATE, KEY, 5) : null);
    AttentionReference.Result expected = reference.forward(qkv);
    Span packed = bench.input(qkv);
    Span out = bench.output(rows * shape.width());
    Span lse = bench.output(rows * shape.heads());
    Span upstream = bench.input(dout);
    Span dqkv = bench.output(qkv.length);
    Dropout.Mask mask = drop ? mask(5) : null;
    bench.run(
        recorder -> {
          Attention.forward(recorder, shape, packed, out, lse, mask);
          Attention.backward(recorder, shape, packed, out, lse, upstream, dqkv, mask);
        });
    return new Comparison(bench)
        .output(out, expected.out())
        .output(lse, expected.logSumExp())
        .output(dqkv, reference.backward(qkv, dout))
        .within(
            "Attention " + shape + (drop ? " dropout" : ""),
            16 + 2 * Math.sqrt(shape.time() + shape.headSize()));
  }

  /** All positions of a sequence decoded one by one. */
  public CheckResult attentionDecode(int time, int heads, int headSize) {
    bench.clear();
    int width = heads * headSize;
    double[] qkv = bench.values(3 * time * width);
    Span packed = bench.input(qkv);
    Span keys = bench.output(time * width);
    Span values = bench.output(time * width);
    Span positions = bench.output(time);
    Span out = bench.output(time * width);
    for (int t = 0; t < time; t++) {
      positions.arena().array()[positions.offset() + t] = t;
    }
    bench.run(
        recorder -> {
          for (int t = 0; t < time; t++) {
            Attention.decode(
                recorder,
                time,
                heads,
                headSize,
                packed.slice(3 * t * width, 3 * width),
                keys,
                values,
                positions.slice(t, 1),
                out.slice(t * width, width));
          }
        });
    AttentionReference reference = new AttentionReference(1, time, heads, headSize, null);
    return new Comparison(bench)
        .output(out, reference.forward(qkv).out())
        .within(
            "Attention.decode time=" + time + " heads=" + heads + " headSize=" + headSize,
            16 + 2 * Math.sqrt(time + headSize));
  }

  /** Forward with residual and backward. */
  public CheckResult dropout(int length) {
    bench.clear();
    double[] x = bench.values(length);
    double[] residual = bench.values(length);
    Dropout.Mask mask = mask(9);
    Span input = bench.input(x);
    Span added = bench.input(residual);
    Span y = bench.output(length);
    Span dx = bench.output(length);
    bench.run(
        recorder -> {
          Dropout.forward(recorder, mask, input, added, y);
          Dropout.backward(recorder, mask, input, dx);
        });
    double[] dropped = new DropoutReference(RATE, KEY, 9).apply(x);
    double[] sum = dropped.clone();
    Arrays.setAll(sum, i -> dropped[i] + residual[i]);
    return new Comparison(bench)
        .output(y, sum)
        .output(dx, dropped)
        .within("Dropout length=" + length, 2);
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

  private static void addTo(double[] sum, double[] x) {
    Arrays.setAll(sum, i -> sum[i] + x[i]);
  }

  /** Forward and backward. */
  public CheckResult gelu(int length) {
    bench.clear();
    double[] x = bench.values(length);
    Arrays.setAll(x, i -> (float) (x[i] * 6));
    double[] dy = bench.values(length);
    Span xs = bench.input(x);
    Span dys = bench.input(dy);
    Span y = bench.output(length);
    Span dx = bench.output(length);
    bench.run(
        recorder -> {
          Gelu.forward(recorder, xs, y);
          Gelu.backward(recorder, xs, dys, dx);
        });
    return new Comparison(bench)
        .output(y, GeluReference.forward(x))
        .output(dx, GeluReference.backward(x, dy))
        .within("Gelu length=" + length, 16);
  }

  /** Sums of strided rows. */
  public CheckResult columnSum(int rows, int columns, int padding, boolean accumulate) {
    bench.clear();
    double[] x = bench.values(rows * columns);
    double[] old = bench.values(columns);
    int stride = columns + padding;
    Span xs = bench.matrix(x, columns, stride);
    Span out = accumulate ? bench.input(old) : bench.output(columns);
    bench.run(recorder -> ColumnSum.record(recorder, rows, columns, xs, stride, out, accumulate));
    double[] expected = ReductionReference.columnSum(x, rows, columns);
    if (accumulate) {
      addTo(expected, old);
    }
    return new Comparison(bench)
        .output(out, expected)
        .within("ColumnSum " + rows + "x" + columns, 4 + Math.sqrt(rows));
  }

  /** Forward, with and without positions and at a position, and backward. */
  public CheckResult embedding(int rows, int time, int width, int vocabulary, boolean accumulate) {
    bench.clear();
    int[] ids = bench.integers(rows, vocabulary);
    int places = time + 2;
    int start = Math.max(0, places - rows);
    int shifted = Math.min(rows, places);
    double[] tokens = bench.values(vocabulary * width);
    double[] positions = bench.values(places * width);
    double[] dx = bench.values(rows * width);
    double[] oldTokens = bench.values(vocabulary * width);
    double[] oldPositions = bench.values(places * width);
    Span idSpan = bench.input(ids);
    Span tokenSpan = bench.input(tokens);
    Span positionSpan = bench.input(positions);
    Span startSpan = bench.input(start);
    Span out = bench.output(rows * width);
    Span bare = bench.output(rows * width);
    Span at = bench.output(shifted * width);
    Span dxSpan = bench.input(dx);
    Span dtokens = bench.input(oldTokens);
    Span dpositions = accumulate ? bench.input(oldPositions) : bench.output(places * width);
    bench.run(
        recorder -> {
          Embedding.forward(recorder, rows, time, width, idSpan, tokenSpan, positionSpan, out);
          Embedding.forward(recorder, rows, time, width, idSpan, tokenSpan, null, bare);
          Embedding.forwardAt(
              recorder, shifted, width, idSpan, startSpan, tokenSpan, positionSpan, at);
          Embedding.backward(
              recorder, rows, time, width, idSpan, dxSpan, dtokens, dpositions, accumulate);
        });
    double[] expectedPositions = accumulate ? oldPositions.clone() : new double[places * width];
    EmbeddingReference.backward(ids, dx, oldTokens, expectedPositions, time, width);
    double[] tail = Arrays.copyOfRange(positions, start * width, places * width);
    return new Comparison(bench)
        .output(out, EmbeddingReference.forward(ids, tokens, positions, time, width))
        .output(bare, EmbeddingReference.forward(ids, tokens, null, time, width))
        .output(
            at,
            EmbeddingReference.forward(Arrays.copyOf(ids, shifted), tokens, tail, shifted, width))
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
        replaced.arena().array()[replaced.offset() + row * stride + j] =
            (float) logits[row * vocabulary + j];
      }
    }
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

  /** Two steps. */
  public CheckResult adamW(int length) {
    bench.clear();
    double[] p = bench.values(length);
    double[] g = bench.values(length);
    double[] m = bench.values(length);
    double[] v = bench.values(length);
    Arrays.setAll(v, i -> Math.abs(v[i]));
    Span ps = bench.input(p);
    Span gs = bench.input(g);
    Span ms = bench.input(m);
    Span vs = bench.input(v);
    Span step = bench.input(1e-2f, 0.25f, 0.125f, 0.5f);
    AdamW.Group group = new AdamW.Group(0.875f, 0.9375f, 0x1p-20f, 0.125f);
    bench.run(
        recorder -> {
          AdamW.record(recorder, group, ps, gs, ms, vs, step);
          AdamW.record(recorder, group, ps, gs, ms, vs, step);
        });
    AdamWReference reference = new AdamWReference(0.875, 0.9375, 0x1p-20, 0.125);
    reference.step(p, g, m, v, 1e-2f, 0.25, 0.125, 0.5);
    reference.step(p, g, m, v, 1e-2f, 0.25, 0.125, 0.5);
    return new Comparison(bench)
        .output(ps, p)
        .output(ms, m)
        .output(vs, v)
        .within("AdamW length=" + length, 16);
  }

  /** Blocks of squares; the sum of both floats is compared at double precision. */
  public CheckResult squareSum(int blocks) {
    bench.clear();
    double[] x = bench.values(blocks * SquareSum.BLOCK);
    Span xs = bench.input(x);
    Span out = bench.output(2 * blocks);
    bench.run(recorder -> SquareSum.record(recorder, xs, out));
    double[] halves = bench.read(out);
    double[] sums = new double[blocks];
    Arrays.setAll(sums, i -> halves[2 * i] + halves[2 * i + 1]);
    // Two floats carry 48 bits: 2^-47 of the value, in float roundings of 2^-24.
    return new Comparison(bench)
        .output(sums, ReductionReference.squareSum(x, SquareSum.BLOCK))
        .within("SquareSum blocks=" + blocks, 0x1p-22);
  }

  /** Copy, fill and sum, also in place. */
  public CheckResult elementwise(int length) {
    bench.clear();
    double[] a = bench.values(length);
    double[] b = bench.values(length);
    Span as = bench.input(a);
    Span bs = bench.input(b);
    Span copied = bench.output(length);
    Span filled = bench.output(length);
    Span sum = bench.output(length);
    bench.run(
        recorder -> {
          Elementwise.copy(recorder, as, copied);
          Elementwise.fill(recorder, filled, 0.75f);
          Elementwise.add(recorder, as, bs, sum);
          Elementwise.add(recorder, sum, bs, sum);
        });
    double[] constant = new double[length];
    Arrays.fill(constant, 0.75);
    double[] expected = new double[length];
    Arrays.setAll(expected, i -> a[i] + 2 * b[i]);
    return new Comparison(bench)
        .output(copied, a)
        .output(filled, constant)
        .output(sum, expected)
        .within("Elementwise length=" + length, 2);
  }
}
