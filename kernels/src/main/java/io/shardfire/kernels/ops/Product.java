package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.Span;

/** The operands of one matrix product, or of a batch of them. */
record Product(
    String name,
    MatMul.Layout layout,
    MatMul.Matrix a,
    MatMul.Matrix b,
    MatMul.Matrix c,
    int m,
    int n,
    int k,
    MatMul.Epilogue epilogue,
    MatMul.Batch batch) {

  private int aRows() {
    return layout == MatMul.Layout.TN ? k : m;
  }

  private int aColumns() {
    return layout == MatMul.Layout.TN ? m : k;
  }

  private int bRows() {
    return layout == MatMul.Layout.NT ? n : k;
  }

  private int bColumns() {
    return layout == MatMul.Layout.NT ? k : n;
  }

  /** Checks sizes and overlaps. */
  void check() {
    Operands operands = new Operands(name).positive("m", m).positive("n", n).positive("k", k);
    check(operands, "a", a, aRows(), aColumns(), batch.aStride());
    check(operands, "b", b, bRows(), bColumns(), batch.bStride());
    check(operands, "c", c, m, n, batch.cStride());
    Span bias = epilogue.bias();
    operands
        .disjoint("a", a.span(), "c", c.span())
        .disjoint("b", b.span(), "c", c.span())
        .disjoint("bias", bias, "c", c.span());
    if (bias != null) {
      operands.holds("bias", bias, n);
    }
    MatMul.Matrix residual = epilogue.residual();
    if (residual != null) {
      check(operands, "residual", residual, m, n, 0);
      operands
          .require(!epilogue.accumulate(), "cannot go with a residual", "accumulate", true)
          .require(batch.count() == 1, "must be 1 with a residual", "batch.count", batch.count())
          .sameOrDisjoint("residual", residual.span(), "c", c.span());
    }
    int apart = batch.cStride();
    boolean blocks = apart >= (m - 1L) * c.stride() + n;
    boolean bands = apart >= n && (batch.count() - 1L) * apart + n <= c.stride();
    operands.require(
        batch.count() == 1 || blocks || bands,
        "must keep the products of a batch apart",
        "batch.cStride",
        apart);
  }

  private void check(
      Operands operands, String operand, MatMul.Matrix matrix, int rows, int columns, int apart) {
    operands
        .atLeast(operand + ".stride", matrix.stride(), columns)
        .holds(operand, matrix.span(), floats(matrix, rows, columns, apart));
  }

  private long floats(MatMul.Matrix matrix, int rows, int columns, int apart) {
    return (batch.count() - 1L) * apart + (rows - 1L) * matrix.stride() + columns;
  }

  /** Appends the words that matmul.cl and matvec.cl share. */
  Command append(Command command) {
    Span bias = epilogue.bias();
    MatMul.Matrix residual = epilogue.residual();
    if (batch.count() == 1) {
      command
          .read(a.span(), aRows(), aColumns(), a.stride())
          .read(b.span(), bRows(), bColumns(), b.stride())
          .write(c.span(), m, n, c.stride());
    } else {
      command
          .read(whole(a, aRows(), aColumns(), batch.aStride()))
          .read(whole(b, bRows(), bColumns(), batch.bStride()))
          .write(whole(c, m, n, batch.cStride()));
    }
    command.readIfPresent(bias == null ? null : bias.slice(0, n));
    if (residual == null) {
      command.absent();
    } else {
      command.read(residual.span(), m, n, residual.stride());
    }
    return command
        .integer(m)
        .integer(n)
        .integer(k)
        .integer(a.stride())
        .integer(b.stride())
        .integer(c.stride())
        .integer(residual == null ? 0 : residual.stride())
        .flag(epilogue.accumulate());
  }

  private Span whole(MatMul.Matrix matrix, int rows, int columns, int apart) {
    return matrix.span().slice(0, (int) floats(matrix, rows, columns, apart));
  }
}
