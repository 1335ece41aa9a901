package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.FiniteCheck;
import io.shardfire.kernels.ops.HalfPrecision;
import io.shardfire.kernels.ops.Scale;
import io.shardfire.kernels.ops.TreeSum;
import io.shardfire.kernels.reference.HalfPrecisionReference;
import io.shardfire.kernels.reference.ReductionReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Compares the operations on whole buffers with the reference, for any lengths: scale, finite
 * check, tree sum, 16-bit floats. Each check clears the bench first.
 */
public final class BufferChecks {
  private final Workbench bench;

  /** Checks on the given bench. */
  public BufferChecks(Workbench bench) {
    this.bench = bench;
  }

  /** By a constant, and in place by a factor. */
  public CheckResult scale(int length) {
    bench.clear();
    double[] x = bench.values(length);
    Span xs = bench.input(x);
    Span y = bench.output(length);
    Span factor = bench.input(3.0);
    bench.run(
        recorder -> {
          Scale.byConstant(recorder, xs, 0.3f, y);
          Scale.byFactor(recorder, xs, factor, xs);
        });
    return new Comparison(bench)
        .output(y, Arrays.stream(x).map(v -> v * 0.3f).toArray())
        .output(xs, Arrays.stream(x).map(v -> v * 3).toArray())
        .within("Scale length=" + length, 2);
  }

  /** Infinities and NaNs at the given indices. */
  public CheckResult finiteCheck(int length, int... bad) {
    bench.clear();
    double[] x = bench.values(length);
    double[] values = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    int first = -1;
    for (int i = 0; i < bad.length; i++) {
      x[bad[i]] = values[i % values.length];
      first = first < 0 ? bad[i] : Math.min(first, bad[i]);
    }
    Span xs = bench.input(x);
    Span scratch = bench.output(FiniteCheck.scratchFloats(length));
    Span out = bench.output(FiniteCheck.RESULT_FLOATS);
    bench.run(recorder -> FiniteCheck.record(recorder, xs, scratch, out));
    FiniteCheck.Result result = FiniteCheck.read(out);
    return new Comparison(bench)
        .output(
            new double[] {result.count(), result.firstIndex()}, new double[] {bad.length, first})
        .within("FiniteCheck length=" + length, 0);
  }

  /** Buffers one by one where a command can hold them, and a stride apart; to the bit. */
  public CheckResult treeSum(int count, int length) {
    bench.clear();
    double[] buffers = bench.values(count * length);
    int stride = length + 3;
    Span strided = bench.matrix(buffers, length, stride);
    Span sum = bench.output(length);
    List<Span> spans = new ArrayList<>();
    for (int k = 0; k < Math.min(count, TreeSum.MAX_SPANS); k++) {
      spans.add(bench.input(Arrays.copyOfRange(buffers, k * length, (k + 1) * length)));
    }
    Span last = spans.get(spans.size() - 1);
    bench.run(
        recorder -> {
          TreeSum.ofStrided(recorder, strided, count, stride, sum);
          TreeSum.ofSpans(recorder, spans, last);
        });
    return new Comparison(bench)
        .output(sum, ReductionReference.treeSum(buffers, count, length))
        .output(last, ReductionReference.treeSum(buffers, spans.size(), length))
        .within("TreeSum " + count + "x" + length, 0);
  }

  /** Packing of bit patterns and unpacking of what was packed; to the bit. */
  public CheckResult halfPrecision(HalfPrecision.Format format, int... patterns) {
    bench.clear();
    int length = patterns.length;
    Span x = bits(patterns);
    Span words = bench.output(HalfPrecision.words(length));
    Span back = bench.output(length);
    bench.run(
        recorder -> {
          HalfPrecision.pack(recorder, format, x, words);
          HalfPrecision.unpack(recorder, format, words, back);
        });
    HalfPrecisionReference reference =
        format == HalfPrecision.Format.BF16
            ? HalfPrecisionReference.BF16
            : HalfPrecisionReference.FP16;
    double[] packed = new double[length];
    double[] unpacked = new double[length];
    for (int i = 0; i < length; i++) {
      packed[i] = reference.pack(Float.intBitsToFloat(patterns[i]));
      unpacked[i] = reference.unpack((int) packed[i]);
    }
    return new Comparison(bench)
        .output(halves(words, length), packed)
        .output(bitPatterns(back), unpacked)
        .within("HalfPrecision " + format + " length=" + length, 0);
  }

  private Span bits(int... patterns) {
    Span span = bench.output(patterns.length);
    for (int i = 0; i < patterns.length; i++) {
      span.set(i, Float.intBitsToFloat(patterns[i]));
    }
    span.upload();
    return span;
  }

  private static double[] bitPatterns(Span span) {
    span.download();
    double[] patterns = new double[span.length()];
    Arrays.setAll(patterns, i -> Float.floatToRawIntBits(span.get(i)));
    return patterns;
  }

  private static double[] halves(Span words, int length) {
    double[] patterns = bitPatterns(words);
    double[] halves = new double[length];
    Arrays.setAll(halves, i -> (int) patterns[i / 2] >>> (i % 2 * 16) & 0xffff);
    return halves;
  }
}
