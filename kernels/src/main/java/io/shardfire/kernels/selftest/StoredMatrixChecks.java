package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Activation;
import io.shardfire.kernels.ops.Embedding;
import io.shardfire.kernels.ops.HalfPrecision;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.kernels.ops.StoredMatrix;

/**
 * Compares operations that read a matrix as it is stored, in bf16, to the bit with the same of the
 * floats that unpacking makes of it. Each check clears the bench first.
 */
public final class StoredMatrixChecks {
  private final Workbench bench;

  /** Checks on the given bench. */
  public StoredMatrixChecks(Workbench bench) {
    this.bench = bench;
  }

  /** A matrix in bf16, and what unpacking makes of it. */
  private record Halved(StoredMatrix words, Span unpacked) {}

  private Halved halved(int rows, int columns) {
    Span values = bench.input(bench.values(rows * columns));
    Span words = bench.output(HalfPrecision.words(values.length()));
    Span unpacked = bench.output(values.length());
    bench.run(
        recorder -> {
          HalfPrecision.pack(recorder, HalfPrecision.Format.BF16, values, words);
          HalfPrecision.unpack(recorder, HalfPrecision.Format.BF16, words, unpacked);
        });
    return new Halved(StoredMatrix.bf16(words, rows, columns), unpacked);
  }

  /** A product with bias, activation and residual, and one that adds to it. */
  public CheckResult product(Precision precision, MatMul.Layout layout, int m, int n, int k) {
    bench.clear();
    boolean transposed = layout == MatMul.Layout.NT;
    MatMul.Matrix a = new MatMul.Matrix(bench.input(bench.values(m * k)), k);
    Halved b = halved(transposed ? n : k, transposed ? k : n);
    MatMul.Matrix unpacked = new MatMul.Matrix(b.unpacked(), b.words().columns());
    MatMul.Matrix direct = new MatMul.Matrix(bench.output(m * n), n);
    MatMul.Matrix expected = new MatMul.Matrix(bench.output(m * n), n);
    MatMul.Matrix residual = new MatMul.Matrix(bench.input(bench.values(m * n)), n);
    MatMul.Epilogue fused =
        new MatMul.Epilogue(bench.input(bench.values(n)), residual, false)
            .withActivation(Activation.Function.GELU);
    long floats = MatMul.scratchFloats(precision, m, n, k, MatMul.Batch.ONE);
    Span scratch = floats == 0 ? null : bench.output((int) floats);
    bench.run(
        recorder -> {
          for (MatMul.Epilogue epilogue :
              new MatMul.Epilogue[] {fused, MatMul.Epilogue.ACCUMULATE}) {
            MatMul.record(
                recorder,
                precision,
                layout,
                a,
                unpacked,
                expected,
                m,
                n,
                k,
                epilogue,
                MatMul.Batch.ONE,
                scratch);
            MatMul.record(
                recorder, precision, layout, a, b.words(), direct, m, n, k, epilogue, scratch);
          }
        });
    return new Comparison(bench)
        .output(direct.span(), bench.read(expected.span()))
        .within(
            "MatMul." + layout + " " + precision + " stored in BF16 " + m + "x" + n + "x" + k, 0);
  }

  /** Tokens' vectors with and without those of positions. */
  public CheckResult embedding(int rows, int time, int width, int vocabulary) {
    bench.clear();
    Span ids = bench.input(bench.integers(rows, vocabulary));
    Halved tokens = halved(vocabulary, width);
    Span positions = bench.input(bench.values(time * width));
    Comparison comparison = new Comparison(bench);
    for (Span added : new Span[] {null, positions}) {
      Span direct = bench.output(rows * width);
      Span expected = bench.output(rows * width);
      bench.run(
          (CommandRecorder recorder) -> {
            Embedding.forward(recorder, rows, time, ids, tokens.words(), added, direct);
            Embedding.forward(recorder, rows, time, width, ids, tokens.unpacked(), added, expected);
          });
      comparison.output(direct, bench.read(expected));
    }
    return comparison.within(
        "Embedding stored in BF16 " + rows + "x" + width + " vocabulary=" + vocabulary, 0);
  }
}
