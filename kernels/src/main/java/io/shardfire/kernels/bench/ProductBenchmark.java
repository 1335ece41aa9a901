package io.shardfire.kernels.bench;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Activation;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.MatVec;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.kernels.ops.QuantizedMatVec;
import io.shardfire.kernels.ops.QuantizedMatrix;
import io.shardfire.kernels.ops.WeightFormat;
import java.util.List;

/** Times matrix products. */
final class ProductBenchmark {
  private final KernelBenchmark bench;

  ProductBenchmark(KernelBenchmark bench) {
    this.bench = bench;
  }

  /** Products that pack their right operand. */
  void measureAll() {
    for (MatMul.Layout layout : MatMul.Layout.values()) {
      matMul(layout, 768, 768, 768);
      matMul(layout, 1024, 1536, 384);
      matMul(layout, 1024, 3072, 768);
    }
    for (MatMul.Layout layout : MatMul.Layout.values()) {
      bf16(layout, 768, 768, 768);
      bf16(layout, 1024, 1536, 384);
      bf16(layout, 1024, 3072, 768);
    }
    matMul(MatMul.Layout.NT, 256, 50_304, 768);
    if (bench.large()) {
      layer(4096, 4096, 4096);
      layer(8192, 768, 3072);
    }
    layer(768, 128, 384);
    layer(768, 128, 512);
    layer(768, 512, 128);
    layer(256, 768, 3072);
    layer(256, 3072, 768);
    batchedMatMul(48, 256, 256, 64);
    // Products of products grow, until what activations make of them is denormal and slow.
    bench.fillWithNoise();
    for (Activation.Function function : Activation.Function.values()) {
      activated(function, 1024, 3072, 768);
    }
  }

  /** Products of one row, which stream a matrix. */
  void measureStreamed() {
    matVec(MatMul.Layout.NN, 12_288, 3072);
    matVec(MatMul.Layout.NT, 50_304, 768);
    for (WeightFormat format : List.of(WeightFormat.INT8, WeightFormat.INT4)) {
      quantized(format, 12_288, 3072);
      quantized(format, 50_304, 768);
    }
  }

  /** The products of one layer over few rows, as in training on short sequences. */
  private void layer(int rows, int inputs, int outputs) {
    matMul(MatMul.Layout.NN, rows, outputs, inputs);
    matMul(MatMul.Layout.NT, rows, inputs, outputs);
    matMul(MatMul.Layout.TN, inputs, outputs, rows);
  }

  /** The operands of C[m,n] = A B, dense. */
  private record Operands(
      MatMul.Layout layout,
      int m,
      int n,
      int k,
      MatMul.Matrix a,
      MatMul.Matrix b,
      MatMul.Matrix c) {
    void record(CommandRecorder recorder, MatMul.Epilogue epilogue) {
      MatMul.record(recorder, layout, a, b, c, m, n, k, epilogue);
    }

    String shape() {
      return m + "x" + n + "x" + k;
    }

    double flops() {
      return 2.0 * m * n * k;
    }
  }

  private Operands operands(MatMul.Layout layout, int m, int n, int k) {
    return new Operands(
        layout,
        m,
        n,
        k,
        new MatMul.Matrix(bench.span((long) m * k), layout == MatMul.Layout.TN ? m : k),
        new MatMul.Matrix(bench.span((long) k * n), layout == MatMul.Layout.NT ? k : n),
        new MatMul.Matrix(bench.span((long) m * n), n));
  }

  private void matMul(MatMul.Layout layout, int m, int n, int k) {
    Operands product = operands(layout, m, n, k);
    bench.flops(
        "MatMul." + layout,
        product.shape(),
        product.flops(),
        recorder -> product.record(recorder, MatMul.Epilogue.NONE));
  }

  /** With the packing of both operands. */
  private void bf16(MatMul.Layout layout, int m, int n, int k) {
    Operands product = operands(layout, m, n, k);
    MatMul.Batch one = MatMul.Batch.ONE;
    Span scratch = bench.span(MatMul.scratchFloats(Precision.BF16, m, n, k, one));
    bench.flops(
        "MatMul." + layout + " BF16",
        product.shape(),
        product.flops(),
        recorder ->
            MatMul.record(
                recorder,
                Precision.BF16,
                layout,
                product.a(),
                product.b(),
                product.c(),
                m,
                n,
                k,
                MatMul.Epilogue.NONE,
                one,
                scratch));
  }

  /** One layer with its activation, fused and in two operations; both keep the pre-activation. */
  private void activated(Activation.Function function, int m, int n, int k) {
    Operands product = operands(MatMul.Layout.NN, m, n, k);
    MatMul.Matrix other = new MatMul.Matrix(bench.span((long) m * n), n);
    MatMul.Epilogue epilogue =
        MatMul.Epilogue.bias(bench.span(n)).withActivation(function).withPreActivation(other);
    bench.flops(
        "MatMul, then " + function,
        product.shape(),
        product.flops(),
        recorder -> {
          product.record(recorder, MatMul.Epilogue.bias(epilogue.bias()));
          Activation.forward(recorder, function, product.c().span(), other.span());
        });
    bench.flops(
        "MatMul with " + function,
        product.shape(),
        product.flops(),
        recorder -> product.record(recorder, epilogue));
  }

  private void batchedMatMul(int count, int m, int n, int k) {
    MatMul.Matrix a = new MatMul.Matrix(bench.span((long) count * m * k), k);
    MatMul.Matrix b = new MatMul.Matrix(bench.span((long) count * n * k), k);
    MatMul.Matrix c = new MatMul.Matrix(bench.span((long) count * m * n), n);
    MatMul.Batch batch = new MatMul.Batch(count, m * k, n * k, m * n);
    bench.flops(
        "MatMul.NT batched",
        count + "x" + m + "x" + n + "x" + k,
        2.0 * count * m * n * k,
        recorder ->
            MatMul.record(
                recorder, MatMul.Layout.NT, a, b, c, m, n, k, MatMul.Epilogue.NONE, batch));
  }

  /** Bound by reading B once. */
  private void matVec(MatMul.Layout layout, int n, int k) {
    MatMul.Matrix a = new MatMul.Matrix(bench.span(k), k);
    int stride = layout == MatMul.Layout.NT ? k : n;
    MatMul.Matrix b = new MatMul.Matrix(bench.span((long) k * n), stride);
    MatMul.Matrix c = new MatMul.Matrix(bench.span(n), n);
    CommandBuffer commands =
        bench.record(
            recorder -> MatVec.record(recorder, layout, a, b, c, 1, n, k, MatMul.Epilogue.NONE));
    bench.floats("MatVec." + layout, "1x" + n + "x" + k, (double) k * n + k + n, commands);
  }

  /** Bound by reading levels and scales once. */
  private void quantized(WeightFormat format, int n, int k) {
    MatMul.Matrix x = new MatMul.Matrix(bench.span(k), k);
    Span words = bench.span(format.words(n, k));
    Span scales = bench.span(format.scales(n, k));
    MatMul.Matrix y = new MatMul.Matrix(bench.span(n), n);
    QuantizedMatrix w = new QuantizedMatrix(format, n, k, words, scales);
    Span rounded = bench.span(WeightFormat.roundedFloats(1, k));
    CommandBuffer commands =
        bench.record(recorder -> QuantizedMatVec.record(recorder, 1, x, w, null, null, y, rounded));
    double floats = (double) words.length() + scales.length() + k + n;
    bench.floats("QuantizedMatVec." + format, "1x" + n + "x" + k, floats, commands);
  }
}
