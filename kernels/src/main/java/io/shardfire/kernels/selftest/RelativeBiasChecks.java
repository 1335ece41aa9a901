package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.AttentionShape;
import io.shardfire.kernels.ops.RelativeBias;
import io.shardfire.kernels.reference.RelativeBiasReference;
import java.util.Arrays;

/** Compares the bucketed positional term with its reference. */
public final class RelativeBiasChecks {
  private static final int BUCKETS = 10;
  private static final int MAX_DISTANCE = 12;
  private static final int HEAD_SIZE = 8;

  private final Workbench bench;

  /** Checks on the given bench. */
  public RelativeBiasChecks(Workbench bench) {
    this.bench = bench;
  }

  /** Forward, backward and backward again on top. */
  public CheckResult relativeBias(
      int batch, int queries, int keys, int heads, boolean bidirectional) {
    bench.clear();
    AttentionShape shape = new AttentionShape(batch, queries, keys, heads, heads, HEAD_SIZE);
    RelativeBias.Buckets buckets = new RelativeBias.Buckets(BUCKETS, MAX_DISTANCE, bidirectional);
    double[] table = bench.values(BUCKETS * heads);
    double[] dbias = bench.values(batch * heads * shape.distances());
    Span ofDistance = bench.output(shape.distances());
    buckets.write(shape, ofDistance);
    Span tables = bench.input(table);
    Span upstream = bench.input(dbias);
    Span bias = bench.output(heads * shape.distances());
    Span dtable = bench.output(table.length);
    bench.run(
        recorder -> {
          RelativeBias.forward(recorder, shape, buckets, ofDistance, tables, bias);
          RelativeBias.backward(recorder, shape, buckets, ofDistance, upstream, dtable, false);
          RelativeBias.backward(recorder, shape, buckets, ofDistance, upstream, dtable, true);
        });
    int[] ids = new int[shape.distances()];
    Arrays.setAll(ids, x -> buckets.bucket(x - (keys - 1)));
    double[] expected = new double[table.length];
    RelativeBiasReference.backward(ids, dbias, expected, heads);
    RelativeBiasReference.backward(ids, dbias, expected, heads);
    return new Comparison(bench)
        .output(bias, RelativeBiasReference.forward(ids, table, heads))
        .output(dtable, expected)
        .within(
            "RelativeBias "
                + FlashAttentionChecks.describe(shape)
                + (bidirectional ? " bidirectional" : ""),
            8 + 2 * Math.sqrt(batch * shape.distances()));
  }
}
