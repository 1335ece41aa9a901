package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Tunable;

/**
 * Products of a few rows with a matrix, for decoding: B is streamed from memory once, where {@link
 * MatMul} packs it first. NN has the bits of {@link MatMul}; NT adds in another order.
 */
public final class MatVec {
  /** Most rows of A: beyond them packing pays. */
  public static final int MAX_ROWS = 16;

  private MatVec() {}

  /** Records C[m,n] = A[m,k] B with m up to {@link #MAX_ROWS}, layout NN or NT. */
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
        .require(layout != MatMul.Layout.TN, "must be NN or NT", "layout", layout)
        .require(m <= MAX_ROWS, "must be at most " + MAX_ROWS, "m", m);
    Product product =
        new Product("MatVec." + layout, layout, a, b, c, m, n, k, epilogue, MatMul.Batch.ONE);
    product.check();
    add(recorder, product);
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
