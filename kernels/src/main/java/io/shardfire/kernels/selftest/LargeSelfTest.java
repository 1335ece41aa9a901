package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.ops.Activation;
import io.shardfire.kernels.ops.Attention;
import io.shardfire.kernels.ops.AttentionShape;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.kernels.ops.WeightFormat;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares operations with their references at sizes of several tiles, whole and cut off, which
 * {@link KernelSelfTest} is too short for: for a device on which the kernels have never run. Takes
 * some seconds.
 */
public final class LargeSelfTest {
  private static final int BENCH_FLOATS = 3_000_000;
  private static final long SEED = 20_260_102L;
  private static final int[] HEAD_SIZES = {40, 64, 128, 256};

  private LargeSelfTest() {}

  /** One result per operation and size. */
  public static List<CheckResult> run(ComputeContext context) {
    Workbench bench = new Workbench(context, BENCH_FLOATS, SEED);
    List<CheckResult> results = new ArrayList<>();
    products(bench, results);
    attention(bench, results);
    rows(bench, results);
    return results;
  }

  private static void products(Workbench bench, List<CheckResult> results) {
    MatMulChecks products = new MatMulChecks(bench);
    FusedProductChecks fused = new FusedProductChecks(bench);
    FusedProductChecks bf16 = new FusedProductChecks(bench, Precision.BF16);
    FusedProductChecks fp16 = new FusedProductChecks(bench, Precision.FP16);
    FusedProductChecks.Size size = new FusedProductChecks.Size(2, 130, 190, 70, 3);
    FusedProductChecks.Variant plain =
        new FusedProductChecks.Variant(null, true, true, false, false);
    FusedProductChecks.Variant bare =
        new FusedProductChecks.Variant(null, false, false, false, false);
    FusedProductChecks.Variant activated =
        new FusedProductChecks.Variant(Activation.Function.SILU, false, false, false, false);
    for (MatMul.Layout layout : MatMul.Layout.values()) {
      results.add(products.matMul(layout, 256, 256, 128, 0, MatMulChecks.Extra.NONE));
      results.add(products.matMul(layout, 301, 259, 133, 3, MatMulChecks.Extra.BIAS_AND_RESIDUAL));
      // Thousands of tiles, so that also devices of many units get the largest.
      results.add(products.matMul(layout, 1025, 1029, 33, 1, MatMulChecks.Extra.ACCUMULATE));
      results.add(bf16.product(layout, size, plain, false));
      results.add(fp16.product(layout, size, plain, false));
      results.add(fused.product(layout, size, bare, true));
      results.add(fused.product(layout, size, activated, false));
    }
    results.add(products.batchedMatMul(MatMul.Layout.NT, 7, 65, 130, 40, 5, true));
    for (MatMul.Layout layout : List.of(MatMul.Layout.NN, MatMul.Layout.NT)) {
      results.add(products.matVec(layout, 1, 5003, 133, 1));
      results.add(products.matVec(layout, 13, 5003, 133, 1));
    }
    results.add(products.columnSum(1031, 777, 3, true));
    results.add(products.columnSum(5, 3001, 0, false));
    QuantizedChecks quantized = new QuantizedChecks(bench);
    for (WeightFormat format : List.of(WeightFormat.INT8, WeightFormat.INT4)) {
      results.add(quantized.product(format, 3, 3001, 803, 3));
      results.add(quantized.floats(format, 1001, 803, 3, 1000, 0));
    }
  }

  private static void attention(Workbench bench, List<CheckResult> results) {
    AttentionChecks attention = new AttentionChecks(bench);
    FlashAttentionChecks flash = new FlashAttentionChecks(bench);
    CachedAttentionChecks cached = new CachedAttentionChecks(bench);
    FlashAttentionChecks.Variant everything =
        new FlashAttentionChecks.Variant(true, 90, true, 0, true, true);
    for (int headSize : HEAD_SIZES) {
      results.add(attention.attention(new Attention.Shape(2, 200, 2, headSize), true));
      results.add(flash.attention(new AttentionShape(1, 150, 200, 4, 2, headSize), everything, 4));
      results.add(
          flash.attention(
              AttentionShape.self(2, 129, 2, headSize), FlashAttentionChecks.Variant.FULL, 0));
      results.add(cached.decode(3, 130, 4, 2, headSize, 100, true));
    }
    results.add(
        flash.weights(AttentionShape.self(1, 150, 2, 64), FlashAttentionChecks.Variant.CAUSAL));
  }

  private static void rows(Workbench bench, List<CheckResult> results) {
    RowChecks rows = new RowChecks(bench);
    NormalizationChecks norms = new NormalizationChecks(bench);
    ElementwiseChecks elementwise = new ElementwiseChecks(bench);
    results.add(rows.layerNorm(301, 768, true));
    results.add(rows.layerNorm(33, 1601, false));
    results.add(norms.rmsNorm(301, 768, true));
    results.add(norms.residualLayerNorm(301, 768));
    results.add(rows.embedding(300, 100, 384, 1000, true));
    results.add(rows.crossEntropy(9, 50_257, 47));
    results.add(new SoftmaxChecks(bench).crossEntropy(9, 50_257, 0.1f));
    results.add(new SoftmaxChecks(bench).softmax(33, 3001, 2));
    results.add(elementwise.elementwise(300_001));
    results.add(elementwise.gelu(300_001));
    results.add(elementwise.dropout(300_001));
    results.add(elementwise.adamW(300_001));
    results.add(elementwise.squareSum(300));
    OptimizerChecks optimizers = new OptimizerChecks(bench);
    results.add(optimizers.sgd(300_001, 0.875f, true));
    results.add(optimizers.lion(300_001));
    results.add(optimizers.adafactor(301, 777, 0.5f, true));
    results.add(new BufferChecks(bench).treeSum(7, 100_003));
  }
}
