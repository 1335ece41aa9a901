package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.Span;

/**
 * The operands of one matrix product, or of a batch of them.
 *
 * @param halvedB whether B is stored in bf16, two numbers in the word of a float: one matrix
 *     without gaps
 */
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
    MatMul.Batch batch,
    boolean halvedB) {
  /** {@code NOT_ACTIVATED} in the kernels. */
  private static final int NOT_ACTIVATED = -1;

  /** Of matrices in fp32. */
  Product(
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
    this(name, layout, a, b, c, m, n, k, epilogue, batch, false);
  }

  Product with(MatMul.Epilogue other) {
    return new Product(name, layout, a, b, c, m, n, k, other, batch, halvedB);
  }

  /** With operands in fp32 that lie elsewhere, and so a batch with other strides of them. */
  Product with(MatMul.Matrix otherA, MatMul.Matrix otherB, MatMul.Batch other) {
    return new Product(name, layout, otherA, otherB, c, m, n, k, epilogue, other);
  }

  int aRows() {
    return layout == MatMul.Layout.TN ? k : m;
  }

  int aColumns() {
    return layout == MatMul.Layout.TN ? m : k;
  }

  int bRows() {
    return layout == MatMul.Layout.NT ? n : k;
  }

  int bColumns() {
    return layout == MatMul.Layout.NT ? k : n;
  }

  /** Checks sizes and overlaps, and scratch memory, which shares floats with no operand. */
  void check(Span scratch, long scratchFloats) {
    check();
    MatMul.Matrix residual = epilogue.residual();
    MatMul.Matrix z = epilogue.preActivation();
    new Operands(name)
        .holds("scratch", scratch, scratchFloats)
        .disjoint("scratch", scratch, "a", a.span())
        .disjoint("scratch", scratch, "b", b.span())
        .disjoint("scratch", scratch, "c", c.span())
        .disjoint("scratch", scratch, "bias", epilogue.bias())
        .disjoint("scratch", scratch, "residual", residual == null ? null : residual.span())
        .disjoint("scratch", scratch, "preActivation", z == null ? null : z.span());
  }

  /** Checks sizes and overlaps. */
  void check() {
    Operands operands = new Operands(name).positive("m", m).positive("n", n).positive("k", k);
    check(operands, "a", a, aRows(), aColumns(), batch.aStride());
    if (halvedB) {
      operands.require(layout != MatMul.Layout.TN, "must be NN or NT", "layout", layout);
      operands.holds("b", b.span(), StoredMatrix.floats(bRows(), bColumns(), true));
    } else {
      check(operands, "b", b, bRows(), bColumns(), batch.bStride());
    }
    check(operands, "c", c, m, n, batch.cStride());
    requireApart(operands, "batch.cStride", batch.cStride(), c);
    Span bias = epilogue.bias();
    operands
        .disjoint("a", a.span(), "c", c.span())
        .disjoint("b", b.span(), "c", c.span())
        .disjoint("bias", bias, "c", c.span());
    if (bias != null) {
      operands.holds("bias", bias, (batch.count() - 1L) * batch.biasStride() + n);
    }
    if (epilogue.residual() != null) {
      checkResidual(operands, epilogue.residual());
    }
    if (epilogue.preActivation() != null) {
      checkPreActivation(operands, epilogue.preActivation());
    }
  }

  private void checkResidual(Operands operands, MatMul.Matrix residual) {
    check(operands, "residual", residual, m, n, batch.residualStride());
    operands.require(!epilogue.accumulate(), "cannot go with a residual", "accumulate", true);
    if (epilogue.activation() != null) {
      // C holds the sums before the residual is added.
      operands.disjoint("residual", residual.span(), "c", c.span());
      return;
    }
    operands.sameOrDisjoint("residual", residual.span(), "c", c.span());
    if (residual.span().arena() == c.span().arena()
        && residual.span().offset() == c.span().offset()) {
      operands
          .require(
              residual.stride() == c.stride(),
              "must be that of c, which it shares floats with, " + c.stride(),
              "residual.stride",
              residual.stride())
          .require(
              batch.count() == 1 || batch.residualStride() == batch.cStride(),
              "must be that of c, which it shares floats with, " + batch.cStride(),
              "batch.residualStride",
              batch.residualStride());
    }
  }

  private void checkPreActivation(Operands operands, MatMul.Matrix z) {
    String operand = "preActivation";
    check(operands, operand, z, m, n, batch.preActivationStride());
    requireApart(operands, "batch.preActivationStride", batch.preActivationStride(), z);
    MatMul.Matrix residual = epilogue.residual();
    operands
        .require(epilogue.activation() != null, "needs an activation", operand, z.span())
        .disjoint("a", a.span(), operand, z.span())
        .disjoint("b", b.span(), operand, z.span())
        .disjoint("c", c.span(), operand, z.span())
        .disjoint("bias", epilogue.bias(), operand, z.span())
        .disjoint("residual", residual == null ? null : residual.span(), operand, z.span());
  }

  /** Products of a batch write blocks behind each other, or bands of columns of one matrix. */
  private void requireApart(Operands operands, String strideName, int apart, MatMul.Matrix matrix) {
    boolean blocks = apart >= (m - 1L) * matrix.stride() + n;
    boolean bands = apart >= n && (batch.count() - 1L) * apart + n <= matrix.stride();
    operands.require(
        batch.count() == 1 || blocks || bands,
        "must keep the products of a batch apart",
        strideName,
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
    readOperand(command, true);
    readOperand(command, false);
    return appendOthers(command);
  }

  /** As M x N x K, with the number of products before it where there are several. */
  private String sizes() {
    String one = m + "x" + n + "x" + k;
    return batch.count() == 1 ? one : batch.count() + "x" + one;
  }

  /**
   * The same words, for operands that were packed.
   *
   * @param packedB null for B as it is stored
   */
  Command append(Command command, Span packedA, Span packedB) {
    command.read(packedA);
    if (packedB == null) {
      readOperand(command, false);
    } else {
      command.read(packedB);
    }
    return appendOthers(command);
  }

  private Command appendOthers(Command command) {
    Span bias = epilogue.bias();
    MatMul.Matrix residual = epilogue.residual();
    MatMul.Matrix z = epilogue.preActivation();
    Activation.Function activation = epilogue.activation();
    command.products(sizes(), (long) batch.count() * m * n * k);
    write(command, c, batch.cStride());
    command.readIfPresent(
        bias == null ? null : bias.slice(0, (batch.count() - 1) * batch.biasStride() + n));
    read(command, residual, m, n, batch.residualStride());
    command
        .integer(m)
        .integer(n)
        .integer(k)
        .integer(a.stride())
        .integer(b.stride())
        .integer(c.stride())
        .integer(residual == null ? 0 : residual.stride())
        .flag(epilogue.accumulate())
        .integer(activation == null ? NOT_ACTIVATED : activation.code());
    write(command, z, batch.preActivationStride());
    return command.integer(z == null ? 0 : z.stride());
  }

  /** Appends A, the left one, or B, as it is stored. */
  void readOperand(Command command, boolean left) {
    if (left) {
      read(command, a, aRows(), aColumns(), batch.aStride());
    } else if (halvedB) {
      command.read(b.span());
    } else {
      read(command, b, bRows(), bColumns(), batch.bStride());
    }
  }

  private void read(Command command, MatMul.Matrix matrix, int rows, int columns, int apart) {
    if (matrix == null) {
      command.absent();
    } else if (batch.count() == 1) {
      command.read(matrix.span(), rows, columns, matrix.stride());
    } else {
      command.read(whole(matrix, rows, columns, apart));
    }
  }

  private void write(Command command, MatMul.Matrix matrix, int apart) {
    if (matrix == null) {
      command.absent();
    } else if (batch.count() == 1) {
      command.write(matrix.span(), m, n, matrix.stride());
    } else {
      command.write(whole(matrix, m, n, apart));
    }
  }

  private Span whole(MatMul.Matrix matrix, int rows, int columns, int apart) {
    return matrix.span().slice(0, (int) floats(matrix, rows, columns, apart));
  }
}
