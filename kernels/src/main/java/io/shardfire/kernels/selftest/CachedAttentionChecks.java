package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.AttentionMask;
import io.shardfire.kernels.ops.AttentionOptions;
import io.shardfire.kernels.ops.AttentionShape;
import io.shardfire.kernels.ops.CachedAttention;
import io.shardfire.kernels.ops.FlashAttention;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.reference.FlashAttentionReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Compares decoding with a cache with attention over the whole sequence. */
public final class CachedAttentionChecks {
  private final Workbench bench;

  /** Checks on the given bench. */
  public CachedAttentionChecks(Workbench bench) {
    this.bench = bench;
  }

  /**
   * Decodes {@code batch} sequences position by position; row b lags b positions behind row 0.
   *
   * @param window width of the sliding window, 0 for none
   * @param biased whether there is a term per distance
   */
  public CheckResult decode(
      int batch, int time, int heads, int kvHeads, int headSize, int window, boolean biased) {
    bench.clear();
    AttentionShape step = new AttentionShape(batch, 1, time, heads, kvHeads, headSize);
    int width = step.width();
    int kvWidth = step.kvWidth();
    double[] q = bench.values(batch * time * width);
    double[] k = bench.values(batch * time * kvWidth);
    double[] v = bench.values(batch * time * kvWidth);
    double[] bias = biased ? bench.values(heads * time) : null;
    AttentionMask mask =
        window == 0 ? AttentionMask.CAUSAL : AttentionMask.CAUSAL.withWindow(window);
    AttentionOptions plain = AttentionOptions.of(step, mask);
    AttentionOptions options = biased ? plain.withDistanceBias(bench.input(bias)) : plain;
    CachedAttention.Cache cache =
        new CachedAttention.Cache(
            bench.output(batch * time * kvWidth), bench.output(batch * time * kvWidth));
    int steps = time + batch - 1;
    int[] positions = new int[steps * batch];
    for (int n = 0; n < positions.length; n++) {
      positions[n] = Math.min(Math.max(n / batch - n % batch, 0), time - 1);
    }
    Span newest = bench.input(positions);
    Span queries = bench.input(rows(q, positions, batch, time, width));
    Span keys = bench.input(rows(k, positions, batch, time, kvWidth));
    Span values = bench.input(rows(v, positions, batch, time, kvWidth));
    Span out = bench.output(steps * batch * width);
    bench.run(
        recorder -> {
          for (int s = 0; s < steps; s++) {
            CachedAttention.decode(
                recorder,
                options,
                new FlashAttention.Inputs(
                    matrix(queries, s, batch, width),
                    matrix(keys, s, batch, kvWidth),
                    matrix(values, s, batch, kvWidth)),
                cache,
                newest.slice(s * batch, batch),
                matrix(out, s, batch, width));
          }
        });
    double[] expected = reference(step, window, bias, q, k, v);
    return new Comparison(bench)
        .output(out, rows(expected, positions, batch, time, width))
        .output(cache.keys(), k)
        .output(cache.values(), v)
        .within(
            "CachedAttention.decode "
                + FlashAttentionChecks.describe(step)
                + (window > 0 ? " window=" + window : "")
                + (biased ? " biased" : ""),
            16 + 2 * Math.sqrt(time + headSize));
  }

  /**
   * Extends {@code batch} sequences of a cache, in another order than they lie there, by up to
   * {@code chunk} positions at a time; row b begins with b fewer.
   */
  public CheckResult extend(AttentionShape shape, int window, boolean biased) {
    bench.clear();
    int batch = shape.batch();
    int chunk = shape.queries();
    int time = shape.keys();
    int width = shape.width();
    int kvWidth = shape.kvWidth();
    double[] q = bench.values(batch * time * width);
    double[] k = bench.values(batch * time * kvWidth);
    double[] v = bench.values(batch * time * kvWidth);
    double[] bias = biased ? bench.values(shape.heads() * time) : null;
    AttentionMask mask =
        window == 0 ? AttentionMask.CAUSAL : AttentionMask.CAUSAL.withWindow(window);
    AttentionOptions plain = AttentionOptions.of(shape, mask);
    AttentionOptions options =
        biased
            ? plain.withDistanceBias(
                bench.input(wholeBias(bias, shape.heads(), time, shape.distances())))
            : plain;
    int sequences = batch + 1;
    int cacheFloats = sequences * time * kvWidth;
    CachedAttention.Cache cache =
        new CachedAttention.Cache(bench.output(cacheFloats), bench.output(cacheFloats));
    int passes = (time + batch) / chunk + 1;
    int[][] sources = new int[passes][batch * chunk];
    Span[] outs = new Span[passes];
    List<Consumer<CommandRecorder>> commands = new ArrayList<>();
    for (int pass = 0; pass < passes; pass++) {
      int[] numbers = new int[batch];
      int[] starts = new int[batch];
      int[] ends = new int[batch];
      for (int b = 0; b < batch; b++) {
        numbers[b] = batch - b;
        starts[b] = Math.min(Math.max(pass * chunk - b, 0), time);
        ends[b] = Math.min(Math.max((pass + 1) * chunk - b, 0), time);
        for (int i = 0; i < chunk; i++) {
          boolean live = starts[b] + i < ends[b];
          sources[pass][b * chunk + i] = live ? b * time + starts[b] + i : -1;
        }
      }
      CachedAttention.Places places =
          new CachedAttention.Places(bench.input(numbers), bench.input(starts), bench.input(ends));
      FlashAttention.Inputs inputs =
          new FlashAttention.Inputs(
              chosen(q, sources[pass], width),
              chosen(k, sources[pass], kvWidth),
              chosen(v, sources[pass], kvWidth));
      outs[pass] = bench.output(batch * chunk * width);
      FlashAttention.Outputs outputs =
          new FlashAttention.Outputs(
              new MatMul.Matrix(outs[pass], width), bench.output(batch * chunk * shape.heads()));
      commands.add(
          recorder ->
              CachedAttention.extend(recorder, options, sequences, inputs, cache, places, outputs));
    }
    bench.run(recorder -> commands.forEach(command -> command.accept(recorder)));
    double[] attended = new double[batch * time * width];
    for (int pass = 0; pass < passes; pass++) {
      double[] out = bench.read(outs[pass]);
      for (int row = 0; row < batch * chunk; row++) {
        if (sources[pass][row] >= 0) {
          System.arraycopy(out, row * width, attended, sources[pass][row] * width, width);
        }
      }
    }
    return new Comparison(bench)
        .output(attended, reference(shape, window, bias, q, k, v))
        .within(
            "CachedAttention.extend "
                + FlashAttentionChecks.describe(shape)
                + (window > 0 ? " window=" + window : "")
                + (biased ? " biased" : ""),
            16 + 2 * Math.sqrt(time + shape.headSize()));
  }

  /** Replaces two of four sequences by copies of another. */
  public CheckResult copy(int maxTime, int width) {
    bench.clear();
    int sequence = maxTime * width;
    double[] old = bench.values(4 * sequence);
    int[] sources = {0, 3, 3, 3};
    int[] lengths = {maxTime, maxTime, maxTime / 2, 1};
    Span cache = bench.input(old);
    Span from = bench.input(sources);
    Span rows = bench.input(lengths);
    bench.run(recorder -> CachedAttention.copy(recorder, cache, 4, maxTime, width, from, rows));
    double[] expected = old.clone();
    for (int s = 0; s < 4; s++) {
      System.arraycopy(old, sources[s] * sequence, expected, s * sequence, lengths[s] * width);
    }
    return new Comparison(bench)
        .output(cache, expected)
        .within("CachedAttention.copy " + maxTime + "x" + width, 0);
  }

  /** Rows of x by their numbers; those of negative ones are 0. */
  private MatMul.Matrix chosen(double[] x, int[] numbers, int width) {
    double[] rows = new double[numbers.length * width];
    for (int row = 0; row < numbers.length; row++) {
      if (numbers[row] >= 0) {
        System.arraycopy(x, numbers[row] * width, rows, row * width, width);
      }
    }
    return new MatMul.Matrix(bench.input(rows), width);
  }

  /** Attention of all positions at once. */
  private static double[] reference(
      AttentionShape shape, int window, double[] bias, double[] q, double[] k, double[] v) {
    int time = shape.keys();
    int reach = window == 0 ? time : window;
    return new FlashAttentionReference(
            shape.batch(),
            time,
            time,
            shape.heads(),
            shape.kvHeads(),
            shape.headSize(),
            1 / Math.sqrt(shape.headSize()),
            (b, i, j) -> j <= i && j > i - reach,
            bias == null ? null : wholeBias(bias, shape.heads(), time, 2 * time - 1),
            null)
        .forward(q, k, v)
        .out();
  }

  private static MatMul.Matrix matrix(Span steps, int step, int batch, int width) {
    return new MatMul.Matrix(steps.slice(step * batch * width, batch * width), width);
  }

  /** The row of every step and batch row, from rows [batch, time]. */
  private static double[] rows(double[] x, int[] positions, int batch, int time, int width) {
    double[] rows = new double[positions.length * width];
    for (int n = 0; n < positions.length; n++) {
      System.arraycopy(x, (n % batch * time + positions[n]) * width, rows, n * width, width);
    }
    return rows;
  }

  /** Rows of a bias, made longer: distances ahead of the query are never used. */
  private static double[] wholeBias(double[] bias, int heads, int time, int distances) {
    double[] whole = new double[heads * distances];
    for (int h = 0; h < heads; h++) {
      System.arraycopy(bias, h * time, whole, h * distances, time);
    }
    return whole;
  }
}
