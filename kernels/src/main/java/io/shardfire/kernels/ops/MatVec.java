package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;

/**
 * Products of a few rows with a matrix, for decoding: B is streamed from memory once, where {@link
 * MatMul} packs it first. NN has the bits of {@link MatMul}; NT adds in another order.
 */
public final class MatVec {
  /** Rows of A that a command takes: for more, B is streamed once more. */
  private static final int MAX_ROWS = 16;

  private MatVec() {}

  /** Records C[m,n] = A[m,k] B, layout NN or NT. A row of C has the same bits whatever m is. */
  public static void record(
      CommandRecorder recorder,
      MatMul.Layout layout,
      MatMul.Matrix a,
      MatMul.Matrix b,
      MatMul.Matrix c,
      int m,
      int n,
      int k,
      MatMul.Epilogue epilogue) {
    new Operands("MatVec." + layout)
        .require(layout != MatMul.Layout.TN, "must be NN or NT", "layout", layout);
    new Product("MatVec." + layout, layout, a, b, c, m, n, k, epilogue, MatMul.Batch.ONE).check();
    for (int row = 0; row < m; row += MAX_ROWS) {
      MatMul.Epilogue part =
          new MatMul.Epilogue(
              epilogue.bias(),
              from(epilogue.residual(), row),
              epilogue.accumulate(),
              epilogue.activation(),
              from(epilogue.preActivation(), row));
      add(
          recorder,
          new Product(
              "MatVec." + layout,
              layout,
              from(a, row),
              b,
              from(c, row),
              Math.min(MAX_ROWS, m - row),
              n,
              k,
              part,
              MatMul.Batch.ONE));
    }
  }

  private static MatMul.Matrix from(MatMul.Matrix matrix, int row) {
    if (matrix == null) {
      return null;
    }
    Span span = matrix.span();
    int floats = row * matrix.stride();
    return new MatMul.Matrix(span.slice(floats, span.length() - floats), matrix.stride());
  }

  /** Records a product that was checked. */
  static void add(CommandRecorder recorder, Product product) {
    boolean transposed = product.layout() == MatMul.Layout.NT;
    int step =
        transposed
            ? recorder.tuned(Tunable.MATVEC_B_ROWS)
            : recorder.tuned(Tunable.MATVEC_TILE_PANELS) * recorder.panelColumns();
    Opcode opcode = transposed ? Opcode.MATVEC_NT : Opcode.MATVEC_NN;
    recorder.add(product.append(Command.of(opcode, Operands.tiles(product.n(), step))));
  }
}
