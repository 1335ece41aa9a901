package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.AttentionMask;
import io.shardfire.kernels.ops.AttentionOptions;
import io.shardfire.kernels.ops.AttentionShape;
import io.shardfire.kernels.ops.Dropout;
import io.shardfire.kernels.ops.FlashAttention;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.kernels.reference.Bf16ProductOrder;
import io.shardfire.kernels.reference.DropoutReference;
import io.shardfire.kernels.reference.FlashAttentionReference;
import io.shardfire.kernels.reference.FlashAttentionReference.Visibility;
import java.util.Arrays;
import java.util.Locale;

/**
 * Compares attention of any shape and mask with the reference. Each check clears the bench first.
 */
public final class FlashAttentionChecks {
  /**
   * Weights and gradients of scores are rounded by up to 2^-9 of their size. What is computed of
   * them deviates by some times as much, since sums may cancel.
   */
  private static final double BF16_ROUNDINGS = 1 << 18;

  private static final long KEY = 0x9abc_def0_1234_5678L;
  private static final float RATE = 0.3f;
  private static final int STREAM = 6;
  private static final double CANCELLED_SCALE = 0.25;

  private final Workbench bench;

  /** Checks on the given bench. */
  public FlashAttentionChecks(Workbench bench) {
    this.bench = bench;
  }

  /**
   * What to check besides the shape.
   *
   * @param causal whether keys behind the query are hidden
   * @param window width of the sliding window, 0 for none
   * @param padded whether the batch rows have random numbers of keys, also none
   * @param document length of the documents of a packed sequence, 0 for none
   * @param biased whether there is a term per distance, with its gradient
   * @param dropped whether weights are dropped
   */
  public record Variant(
      boolean causal, int window, boolean padded, int document, boolean biased, boolean dropped) {
    /** Every key. */
    public static final Variant FULL = new Variant(false, 0, false, 0, false, false);

    /** Keys up to the query. */
    public static final Variant CAUSAL = new Variant(true, 0, false, 0, false, false);

    /** What differs from {@link #FULL}. */
    @Override
    public String toString() {
      return (causal ? " causal" : "")
          + (window > 0 ? " window=" + window : "")
          + (padded ? " padded" : "")
          + (document > 0 ? " documents=" + document : "")
          + (biased ? " biased" : "")
          + (dropped ? " dropout" : "");
    }
  }

  /** Batch, queries x keys, heads / key-value heads x size. */
  static String describe(AttentionShape shape) {
    return String.format(
        Locale.ROOT,
        "%dx%dx%d heads=%d/%dx%d",
        shape.batch(),
        shape.queries(),
        shape.keys(),
        shape.heads(),
        shape.kvHeads(),
        shape.headSize());
  }

  /** Forward and backward. Rows of the operands lie {@code padding} floats apart. */
  public CheckResult attention(AttentionShape shape, Variant variant, int padding) {
    return attention(shape, variant, padding, Precision.FP32);
  }

  /** The same in a precision, on operands that are exact in it. */
  public CheckResult attention(
      AttentionShape shape, Variant variant, int padding, Precision precision) {
    bench.clear();
    int[] lengths = variant.padded() ? bench.integers(shape.batch(), shape.keys() + 1) : null;
    if (lengths != null) {
      lengths[0] = shape.batch() > 1 ? 0 : lengths[0];
    }
    FlashAttentionReference reference = reference(shape, variant, lengths);
    double[] q = values(shape.queryRows() * shape.width(), precision);
    double[] k = values(shape.keyRows() * shape.kvWidth(), precision);
    double[] v = values(shape.keyRows() * shape.kvWidth(), precision);
    double[] dout = values(q.length, precision);
    FlashAttention.Inputs inputs =
        new FlashAttention.Inputs(
            matrix(q, shape.width(), padding),
            matrix(k, shape.kvWidth(), padding),
            matrix(v, shape.kvWidth(), padding));
    FlashAttention.Outputs outputs =
        new FlashAttention.Outputs(
            empty(shape.queryRows(), shape.width(), padding),
            bench.output(shape.queryRows() * shape.heads()));
    FlashAttention.Inputs gradients =
        new FlashAttention.Inputs(
            empty(shape.queryRows(), shape.width(), padding),
            empty(shape.keyRows(), shape.kvWidth(), padding),
            empty(shape.keyRows(), shape.kvWidth(), padding));
    MatMul.Matrix upstream = matrix(dout, shape.width(), padding);
    Span dbias =
        variant.biased() ? bench.output(shape.batch() * shape.heads() * shape.distances()) : null;
    AttentionOptions options =
        options(shape, variant, lengths, reference.bias()).withPrecision(precision);
    bench.run(
        recorder -> {
          FlashAttention.forward(recorder, options, inputs, outputs);
          FlashAttention.backward(recorder, options, inputs, outputs, upstream, gradients, dbias);
        });
    FlashAttentionReference.Result expected = reference.forward(q, k, v);
    FlashAttentionReference.Gradients expectedGradients = reference.backward(q, k, v, dout);
    // A weight of 1 has no gradient: rounding of the products that cancel is what remains of it.
    boolean cancelled = Arrays.stream(expectedGradients.q()).allMatch(x -> Math.abs(x) < 1e-9);
    double scale = cancelled ? CANCELLED_SCALE : Comparison.SMALLEST_SCALE;
    Comparison comparison =
        new Comparison(bench)
            .output(read(outputs.out(), shape.width()), expected.out())
            .output(finite(bench.read(outputs.logSumExp())), finite(expected.logSumExp()))
            .output(read(gradients.q(), shape.width()), expectedGradients.q(), scale)
            .output(read(gradients.k(), shape.kvWidth()), expectedGradients.k(), scale)
            .output(read(gradients.v(), shape.kvWidth()), expectedGradients.v());
    if (dbias != null) {
      comparison.output(
          bench.read(dbias), expectedGradients.bias(), scale * Math.sqrt(shape.headSize()));
    }
    int longestSum = Math.max(shape.keys(), shape.queries() * shape.heads() / shape.kvHeads());
    return precision == Precision.BF16
        ? comparison.within("FlashAttention BF16 " + describe(shape) + variant, BF16_ROUNDINGS)
        : comparison.within(
            "FlashAttention " + describe(shape) + variant,
            16 + 2 * Math.sqrt(longestSum + shape.headSize()));
  }

  private double[] values(int count, Precision precision) {
    double[] values = bench.values(count);
    return precision == Precision.BF16
        ? Arrays.stream(values).map(x -> Bf16ProductOrder.round((float) x)).toArray()
        : values;
  }

  /** The weights that the inspection variant writes. */
  public CheckResult weights(AttentionShape shape, Variant variant) {
    bench.clear();
    int[] lengths = variant.padded() ? bench.integers(shape.batch(), shape.keys() + 1) : null;
    FlashAttentionReference reference = reference(shape, variant, lengths);
    double[] q = bench.values(shape.queryRows() * shape.width());
    double[] k = bench.values(shape.keyRows() * shape.kvWidth());
    FlashAttentionReference.Result expected = reference.forward(q, k, k);
    MatMul.Matrix queries = matrix(q, shape.width(), 1);
    MatMul.Matrix keys = matrix(k, shape.kvWidth(), 2);
    FlashAttention.Outputs outputs =
        new FlashAttention.Outputs(
            empty(shape.queryRows(), shape.width(), 0),
            bench.output(shape.queryRows() * shape.heads()));
    Span weights = bench.output(expected.weights().length);
    AttentionOptions options = options(shape, variant, lengths, reference.bias());
    bench.run(
        recorder -> {
          FlashAttention.forward(
              recorder, options, new FlashAttention.Inputs(queries, keys, keys), outputs);
          FlashAttention.weights(recorder, options, queries, keys, outputs.logSumExp(), weights);
        });
    return new Comparison(bench)
        .output(weights, expected.weights())
        .within("FlashAttention.weights " + describe(shape) + variant, 32 + shape.headSize());
  }

  private FlashAttentionReference reference(AttentionShape shape, Variant variant, int[] lengths) {
    return new FlashAttentionReference(
        shape.batch(),
        shape.queries(),
        shape.keys(),
        shape.heads(),
        shape.kvHeads(),
        shape.headSize(),
        1 / Math.sqrt(shape.headSize()),
        visibility(shape, variant, lengths),
        variant.biased() ? bench.values(shape.heads() * shape.distances()) : null,
        variant.dropped() ? new DropoutReference(RATE, KEY, STREAM) : null);
  }

  /** The definition, key by key, without intervals. */
  private static Visibility visibility(AttentionShape shape, Variant variant, int[] lengths) {
    int window = variant.window() == 0 ? Integer.MAX_VALUE : variant.window();
    return (b, i, j) -> {
      int position = i + shape.keys() - shape.queries();
      boolean sameDocument =
          variant.document() == 0 || i / variant.document() == j / variant.document();
      return (!variant.causal() || j <= position)
          && Math.abs(position - j) < window
          && (lengths == null || j < lengths[b])
          && sameDocument;
    };
  }

  private AttentionOptions options(
      AttentionShape shape, Variant variant, int[] lengths, double[] bias) {
    AttentionMask mask = variant.causal() ? AttentionMask.CAUSAL : AttentionMask.FULL;
    if (variant.window() > 0) {
      mask = mask.withWindow(variant.window());
    }
    if (lengths != null) {
      mask = mask.withLengths(bench.input(lengths));
    }
    if (variant.document() > 0) {
      Span first = bench.output(shape.queryRows());
      Span end = bench.output(shape.queryRows());
      int[] documents = new int[(shape.queries() + variant.document() - 1) / variant.document()];
      Arrays.fill(documents, variant.document());
      documents[documents.length - 1] =
          shape.queries() - (documents.length - 1) * variant.document();
      for (int b = 0; b < shape.batch(); b++) {
        AttentionMask.writeDocuments(
            documents,
            first.slice(b * shape.queries(), shape.queries()),
            end.slice(b * shape.queries(), shape.queries()));
      }
      mask = mask.withDocuments(first, variant.causal() ? null : end);
    }
    AttentionOptions options = AttentionOptions.of(shape, mask);
    if (bias != null) {
      options = options.withDistanceBias(bench.input(bias));
    }
    if (variant.dropped()) {
      Span key = bench.output(Dropout.KEY_FLOATS);
      Dropout.writeKey(key, KEY);
      options = options.withDropout(new Dropout.Mask(RATE, key, STREAM));
    }
    return options;
  }

  private MatMul.Matrix matrix(double[] values, int columns, int padding) {
    int stride = columns + padding;
    return new MatMul.Matrix(bench.matrix(values, columns, stride), stride);
  }

  private MatMul.Matrix empty(int rows, int columns, int padding) {
    int stride = columns + padding;
    return new MatMul.Matrix(bench.emptyMatrix(rows, columns, stride), stride);
  }

  private double[] read(MatMul.Matrix matrix, int columns) {
    return bench.read(matrix.span(), columns, matrix.stride());
  }

  /** Minus infinity, of a query that sees nothing, as a number that nothing else comes near. */
  private static double[] finite(double[] logSumExp) {
    double[] values = logSumExp.clone();
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] == Double.NEGATIVE_INFINITY ? -99 : values[i];
    }
    return values;
  }
}
