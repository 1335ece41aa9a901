package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeException;
import io.shardfire.kernels.device.ContextCheck;
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
import java.util.ArrayList;
import java.util.List;

/**
 * Runs every operation on small odd sizes and compares it with its reference: the native layer
 * reports errors on standard error only, so nothing is trusted before it has computed right results
 * here. Takes some tens of milliseconds.
 */
public final class KernelSelfTest implements ContextCheck {
  private static final int BENCH_FLOATS = 40_000;
  private static final long SEED = 20_260_101L;

  /** For {@link java.util.ServiceLoader}. */
  public KernelSelfTest() {}

  @Override
  public void verify(ComputeContext context) {
    List<CheckResult> failures = run(context).stream().filter(result -> !result.ok()).toList();
    if (!failures.isEmpty()) {
      throw new ComputeException(
          "The kernels compute wrong results on this device; do not train on it: device="
              + context.device().name()
              + ", failures="
              + failures);
    }
  }

  /** One result per operation. */
  public static List<CheckResult> run(ComputeContext context) {
    Workbench bench = new Workbench(context, BENCH_FLOATS, SEED);
    MatMulChecks products = new MatMulChecks(bench);
    AttentionChecks attention = new AttentionChecks(bench);
    FlashAttentionChecks flash = new FlashAttentionChecks(bench);
    ElementwiseChecks elementwise = new ElementwiseChecks(bench);
    RowChecks rows = new RowChecks(bench);
    List<CheckResult> results = new ArrayList<>();
    for (MatMul.Layout layout : MatMul.Layout.values()) {
      results.add(products.matMul(layout, 13, 37, 29, 3, MatMulChecks.Extra.BIAS_AND_RESIDUAL));
    }
    results.add(products.batchedMatMul(MatMul.Layout.NT, 3, 7, 37, 29, 5, true));
    results.add(products.matVec(MatMul.Layout.NN, 2, 150, 29, 3));
    results.add(products.matVec(MatMul.Layout.NT, 2, 37, 29, 3));
    QuantizedChecks quantized = new QuantizedChecks(bench);
    for (WeightFormat format : List.of(WeightFormat.INT8, WeightFormat.INT4)) {
      results.add(quantized.product(format, 5, 37, 75, 3));
      results.add(quantized.floats(format, 37, 75, 3, 36, 0, 17));
    }
    results.add(products.columnSum(9, 37, 3, true));
    results.addAll(roundedProducts(new FusedProductChecks(bench, Precision.BF16)));
    results.addAll(roundedProducts(new FusedProductChecks(bench, Precision.FP16)));
    results.addAll(fusedProducts(new FusedProductChecks(bench)));
    StoredMatrixChecks stored = new StoredMatrixChecks(bench);
    for (Precision precision : Precision.values()) {
      results.add(stored.product(precision, MatMul.Layout.NN, 13, 37, 39));
      results.add(stored.product(precision, MatMul.Layout.NT, 13, 37, 39));
    }
    results.add(stored.embedding(11, 5, 37, 7));
    results.add(attention.attention(new Attention.Shape(1, 37, 2, 24), true));
    results.add(attention.attentionDecode(7, 2, 16));
    results.add(
        flash.attention(
            new AttentionShape(2, 19, 23, 4, 2, 24),
            new FlashAttentionChecks.Variant(true, 11, true, 0, true, true),
            3));
    results.add(
        flash.attention(
            AttentionShape.self(1, 37, 2, 16),
            new FlashAttentionChecks.Variant(false, 0, false, 10, false, false),
            0));
    results.add(
        flash.attention(
            new AttentionShape(2, 19, 35, 4, 2, 24),
            new FlashAttentionChecks.Variant(true, 11, true, 0, true, true),
            3,
            Precision.BF16));
    results.add(
        flash.weights(AttentionShape.self(1, 19, 2, 8), FlashAttentionChecks.Variant.CAUSAL));
    results.add(new CachedAttentionChecks(bench).decode(2, 9, 4, 2, 16, 5, true));
    results.add(
        new CachedAttentionChecks(bench).extend(new AttentionShape(2, 5, 9, 4, 2, 16), 5, true));
    results.add(new CachedAttentionChecks(bench).copy(9, 16));
    results.add(new RelativeBiasChecks(bench).relativeBias(2, 13, 17, 3, true));
    results.add(rows.layerNorm(5, 37, true));
    results.add(rows.embedding(11, 5, 37, 6, true));
    results.add(rows.crossEntropy(5, 101, 3));
    results.add(elementwise.elementwise(101));
    results.add(elementwise.gelu(101));
    results.add(elementwise.dropout(101));
    results.add(elementwise.adamW(101));
    results.add(elementwise.squareSum(3));
    NormalizationChecks norms = new NormalizationChecks(bench);
    results.add(norms.rmsNorm(5, 37, true));
    results.add(norms.residualRmsNorm(5, 37));
    results.add(norms.residualLayerNorm(5, 37));
    ActivationChecks activations = new ActivationChecks(bench);
    for (Activation.Function function : Activation.Function.values()) {
      results.add(activations.activation(function, 101));
      results.add(activations.gated(function, 3, 37));
    }
    PositionChecks positions = new PositionChecks(bench);
    for (Rope.Pairing pairing : Rope.Pairing.values()) {
      results.add(positions.rope(new Rope.Shape(9, 4, 2, 23, 22, pairing), 5, 3));
    }
    results.add(positions.positions(9, 4, 19, 3, true));
    RecurrenceChecks recurrences = new RecurrenceChecks(bench);
    for (RecurrentCell cell : RecurrentCell.values()) {
      results.add(recurrences.recurrence(new RecurrentShape(cell, 3, 5, 19), true));
      results.add(recurrences.lasting(cell, 3, 2, 19));
    }
    SoftmaxChecks softmax = new SoftmaxChecks(bench);
    results.add(softmax.softmax(3, 37, 2));
    results.add(softmax.crossEntropy(5, 101, 0.1f));
    OptimizerChecks optimizers = new OptimizerChecks(bench);
    results.add(optimizers.sgd(101, 0.875f, true));
    results.add(optimizers.lion(101));
    results.add(optimizers.adafactor(9, 37, 0.5f, true));
    BufferChecks buffers = new BufferChecks(bench);
    results.add(buffers.scale(101));
    results.add(buffers.finiteCheck(101, 97, 98));
    results.add(buffers.treeSum(7, 101));
    int[] patterns = {0, 0x80000001, 0x33000001, 0x3f808000, 0x477fefff, 0x7f800000, 0x7f800001};
    for (HalfPrecision.Format format : HalfPrecision.Format.values()) {
      results.add(buffers.halfPrecision(format, patterns));
    }
    return results;
  }

  private static List<CheckResult> roundedProducts(FusedProductChecks products) {
    FusedProductChecks.Size batch = new FusedProductChecks.Size(2, 13, 37, 39, 3);
    List<CheckResult> results = new ArrayList<>();
    for (MatMul.Layout layout : MatMul.Layout.values()) {
      results.add(
          products.product(
              layout,
              batch,
              FusedProductChecks.Variant.of(Activation.Function.GELU),
              layout == MatMul.Layout.NT));
    }
    return results;
  }

  private static List<CheckResult> fusedProducts(FusedProductChecks fused) {
    FusedProductChecks.Size one = new FusedProductChecks.Size(1, 13, 37, 29, 3);
    FusedProductChecks.Size few = new FusedProductChecks.Size(1, 2, 150, 29, 3);
    List<CheckResult> results = new ArrayList<>();
    for (Activation.Function function : Activation.Function.values()) {
      results.add(
          fused.product(MatMul.Layout.NN, one, FusedProductChecks.Variant.of(function), false));
      results.add(fused.streamed(MatMul.Layout.NT, few, FusedProductChecks.Variant.of(function)));
    }
    FusedProductChecks.Size batch = new FusedProductChecks.Size(3, 7, 37, 29, 2);
    FusedProductChecks.Variant plain =
        new FusedProductChecks.Variant(null, true, true, false, false);
    results.add(fused.product(MatMul.Layout.TN, batch, plain, true));
    return results;
  }
}
