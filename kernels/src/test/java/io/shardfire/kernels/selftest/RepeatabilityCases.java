package io.shardfire.kernels.selftest;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.ops.Activation;
import io.shardfire.kernels.ops.Attention;
import io.shardfire.kernels.ops.AttentionShape;
import io.shardfire.kernels.ops.HalfPrecision;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.kernels.ops.RecurrentCell;
import io.shardfire.kernels.ops.RecurrentShape;
import io.shardfire.kernels.ops.Rope;
import io.shardfire.kernels.ops.WeightFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Every family of operations at sizes of several tiles and of several blocks of each sum, compared
 * with the reference, and a checksum of the bits of its results.
 */
final class RepeatabilityCases {
  private static final int BENCH_FLOATS = 3_000_000;
  private static final long SEED = 77;

  /** Several tiles of elementwise operations of any size, and a tail. */
  private static final int LENGTH = 140_003;

  private static final int ROWS = 301;
  private static final int WIDTH = 87;

  private final Workbench bench;
  private final SortedMap<String, Long> checksums = new TreeMap<>();

  private RepeatabilityCases(ComputeContext context) {
    bench = new Workbench(context, BENCH_FLOATS, SEED);
  }

  /** Checksums by the name of the check. */
  static SortedMap<String, Long> checksums(ComputeContext context) {
    RepeatabilityCases cases = new RepeatabilityCases(context);
    cases.products();
    cases.attention();
    cases.rows();
    cases.elements();
    cases.optimizers();
    return cases.checksums;
  }

  private void add(CheckResult result) {
    assertTrue(result.ok(), result.toString());
    checksums.put(checksums.size() + " " + result.name(), bench.checksum());
  }

  private void products() {
    MatMulChecks products = new MatMulChecks(bench);
    FusedProductChecks fused = new FusedProductChecks(bench);
    for (MatMul.Layout layout : MatMul.Layout.values()) {
      add(products.matMul(layout, 263, 211, 401, 3, MatMulChecks.Extra.BIAS_AND_RESIDUAL));
      add(products.matMul(layout, 61, 450, 790, 0, MatMulChecks.Extra.ACCUMULATE));
      add(products.batchedMatMul(layout, 3, 70, 101, 401, 5, true));
      add(
          fused.product(
              layout,
              new FusedProductChecks.Size(2, 77, 150, 401, 3),
              FusedProductChecks.Variant.of(Activation.Function.GELU),
              true));
    }
    for (Precision precision : List.of(Precision.BF16, Precision.FP16)) {
      FusedProductChecks rounded = new FusedProductChecks(bench, precision);
      for (MatMul.Layout layout : MatMul.Layout.values()) {
        add(
            rounded.product(
                layout,
                new FusedProductChecks.Size(2, 101, 531, 401, 3),
                FusedProductChecks.Variant.of(Activation.Function.GELU),
                layout == MatMul.Layout.TN));
      }
    }
    StoredMatrixChecks stored = new StoredMatrixChecks(bench);
    for (Precision precision : Precision.values()) {
      add(stored.product(precision, MatMul.Layout.NN, 101, 531, 401));
      add(stored.product(precision, MatMul.Layout.NT, 101, 531, 401));
    }
    // Few enough rows to be streamed by some records and packed by others.
    for (int rows : new int[] {1, 3, 7, 16}) {
      add(products.matMul(MatMul.Layout.NN, rows, 450, 790, 3, MatMulChecks.Extra.BIAS));
    }
    add(products.matVec(MatMul.Layout.NN, 3, 450, 790, 3));
    add(products.matVec(MatMul.Layout.NT, 3, 450, 790, 3));
    QuantizedChecks quantized = new QuantizedChecks(bench);
    for (WeightFormat format : List.of(WeightFormat.INT8, WeightFormat.INT4)) {
      add(quantized.product(format, 7, 450, 790, 3));
      add(quantized.floats(format, 450, 790, 3, 449, 0, 17));
    }
    add(products.columnSum(ROWS, WIDTH, 3, true));
  }

  private void attention() {
    AttentionChecks attention = new AttentionChecks(bench);
    FlashAttentionChecks flash = new FlashAttentionChecks(bench);
    add(attention.attention(new Attention.Shape(2, ROWS, 3, 24), true));
    add(attention.attentionDecode(23, 3, 24));
    AttentionShape grouped = new AttentionShape(2, 269, ROWS, 4, 2, 72);
    add(
        flash.attention(
            grouped, new FlashAttentionChecks.Variant(true, 120, true, 0, true, true), 3));
    add(
        flash.attention(
            AttentionShape.self(2, ROWS, 2, 40),
            new FlashAttentionChecks.Variant(false, 0, false, 110, false, false),
            0));
    add(
        flash.attention(
            grouped,
            new FlashAttentionChecks.Variant(true, 120, true, 0, true, true),
            3,
            Precision.BF16));
    add(flash.weights(grouped, FlashAttentionChecks.Variant.FULL));
    add(new CachedAttentionChecks(bench).decode(3, 9, 4, 2, 24, 5, true));
    add(new CachedAttentionChecks(bench).extend(new AttentionShape(2, 5, 19, 4, 2, 24), 7, true));
    add(new CachedAttentionChecks(bench).copy(19, 24));
    add(new RelativeBiasChecks(bench).relativeBias(2, 53, 71, 3, true));
  }

  private void rows() {
    RowChecks rows = new RowChecks(bench);
    NormalizationChecks norms = new NormalizationChecks(bench);
    SoftmaxChecks softmax = new SoftmaxChecks(bench);
    PositionChecks positions = new PositionChecks(bench);
    add(rows.layerNorm(ROWS, WIDTH, true));
    add(norms.rmsNorm(ROWS, WIDTH, true));
    add(norms.residualRmsNorm(ROWS, WIDTH));
    add(norms.residualLayerNorm(ROWS, WIDTH));
    add(rows.embedding(ROWS, 50, WIDTH, 31, true));
    add(new StoredMatrixChecks(bench).embedding(ROWS, 50, WIDTH, 31));
    add(rows.crossEntropy(40, 1001, 3));
    add(softmax.softmax(40, 1001, 3));
    add(softmax.crossEntropy(40, 1001, 0.1f));
    for (Rope.Pairing pairing : Rope.Pairing.values()) {
      add(positions.rope(new Rope.Shape(ROWS, 50, 3, 24, 22, pairing), 5, 3));
    }
    add(positions.positions(ROWS, 50, WIDTH, 3, true));
    RecurrenceChecks recurrences = new RecurrenceChecks(bench);
    for (RecurrentCell cell : RecurrentCell.values()) {
      add(recurrences.recurrence(new RecurrentShape(cell, 21, 11, WIDTH), true));
      add(recurrences.lasting(cell, 19, 3, WIDTH));
    }
  }

  private void elements() {
    ElementwiseChecks elementwise = new ElementwiseChecks(bench);
    ActivationChecks activations = new ActivationChecks(bench);
    BufferChecks buffers = new BufferChecks(bench);
    add(elementwise.elementwise(LENGTH));
    add(elementwise.gelu(LENGTH));
    add(elementwise.dropout(LENGTH));
    add(elementwise.squareSum(103));
    for (Activation.Function function : Activation.Function.values()) {
      add(activations.activation(function, LENGTH));
      add(activations.gated(function, ROWS, WIDTH));
    }
    add(buffers.scale(LENGTH));
    add(buffers.finiteCheck(LENGTH, 8191, 8192, LENGTH - 1));
    add(buffers.treeSum(7, LENGTH));
    SplittableRandom random = new SplittableRandom(SEED);
    int[] patterns = new int[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      patterns[i] = Float.floatToRawIntBits((float) (random.nextDouble() - 0.5));
    }
    for (HalfPrecision.Format format : HalfPrecision.Format.values()) {
      add(buffers.halfPrecision(format, patterns));
    }
  }

  private void optimizers() {
    OptimizerChecks optimizers = new OptimizerChecks(bench);
    add(new ElementwiseChecks(bench).adamW(LENGTH));
    add(optimizers.sgd(LENGTH, 0.875f, true));
    add(optimizers.lion(LENGTH));
    add(optimizers.adafactor(ROWS, WIDTH, 0.5f, true));
  }
}
