package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.AttentionMask;
import io.shardfire.kernels.ops.AttentionOptions;
import io.shardfire.kernels.ops.AttentionShape;
import io.shardfire.kernels.ops.CachedAttention;
import io.shardfire.kernels.ops.FlashAttention;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.reference.FlashAttentionReference;

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
    int reach = window == 0 ? time : window;
    FlashAttentionReference reference =
        new FlashAttentionReference(
            batch,
            time,
            time,
            heads,
            kvHeads,
            headSize,
            1 / Math.sqrt(headSize),
            (b, i, j) -> j <= i && j > i - reach,
            biased ? wholeBias(bias, heads, time) : null,
            null);
    return new Comparison(bench)
        .output(out, rows(reference.forward(q, k, v).out(), positions, batch, time, width))
        .output(cache.keys(), k)
        .output(cache.values(), v)
        .within(
            "CachedAttention.decode "
                + FlashAttentionChecks.describe(step)
                + (window > 0 ? " window=" + window : "")
                + (biased ? " biased" : ""),
            16 + 2 * Math.sqrt(time + headSize));
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

  /** The bias of all queries at once: distances ahead of the query are never used. */
  private static double[] wholeBias(double[] bias, int heads, int time) {
    double[] whole = new double[heads * (2 * time - 1)];
    for (int h = 0; h < heads; h++) {
      System.arraycopy(bias, h * time, whole, h * (2 * time - 1), time);
    }
    return whole;
  }
}
