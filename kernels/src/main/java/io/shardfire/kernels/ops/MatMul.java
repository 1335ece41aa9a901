package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;

/** Matrix products, row-major. Any m, n, k ≥ 1. */
public final class MatMul {
  /** Panels of a tile: {@code MATMUL_COLUMNS}. */
  private static final int TILE_PANELS = 3;

  private static final int STRIP_ROWS = 6;
  private static final int SMALLEST_TILE_ROWS = 60;
  private static final int TILES_PER_UNIT = 6;

  private MatMul() {}

  /** Which operand is transposed: N as stored, T transposed. */
  public enum Layout {
    /** C[m,n] = A[m,k] B[k,n]. */
    NN,
    /** C[m,n] = A[m,k] B[n,k]ᵀ. */
    NT,
    /** C[m,n] = A[k,m]ᵀ B[k,n]. */
    TN
  }

  /** Rows of a matrix lie {@code stride} floats apart, from the start of the span. */
  public record Matrix(Span span, int stride) {}

  /** What is added to the product: null members are left out; {@code accumulate} adds the old C. */
  public record Epilogue(Span bias, Matrix residual, boolean accumulate) {
    /** C = A B. */
    public static final Epilogue NONE = new Epilogue(null, null, false);

    /** C += A B. */
    public static final Epilogue ACCUMULATE = new Epilogue(null, null, true);

    /** C = A B + bias, bias[n]. */
    public static Epilogue bias(Span bias) {
      return new Epilogue(bias, null, false);
    }
  }

  /** Records the product. */
  public static void record(
      CommandRecorder recorder,
      Layout layout,
      Matrix a,
      Matrix b,
      Matrix c,
      int m,
      int n,
      int k,
      Epilogue epilogue) {
    Span bias = epilogue.bias();
    Matrix residual = epilogue.residual();
    boolean transposedA = layout == Layout.TN;
    boolean transposedB = layout == Layout.NT;
    int aRows = transposedA ? k : m;
    int aColumns = transposedA ? m : k;
    int bRows = transposedB ? n : k;
    int bColumns = transposedB ? k : n;
    Operands operands =
        new Operands("MatMul." + layout).positive("m", m).positive("n", n).positive("k", k);
    check(operands, "a", a, aRows, aColumns);
    check(operands, "b", b, bRows, bColumns);
    check(operands, "c", c, m, n);
    operands
        .disjoint("a", a.span(), "c", c.span())
        .disjoint("b", b.span(), "c", c.span())
        .disjoint("bias", bias, "c", c.span());
    if (bias != null) {
      operands.holds("bias", bias, n);
    }
    if (residual != null) {
      check(operands, "residual", residual, m, n);
      operands
          .require(!epilogue.accumulate(), "cannot go with a residual", "accumulate", true)
          .sameOrDisjoint("residual", residual.span(), "c", c.span());
    }
    int tileColumns = TILE_PANELS * recorder.panelColumns();
    long columnTiles = Operands.tiles(n, tileColumns);
    int tileRows = tileRows(m, columnTiles, recorder.computeUnits());
    Command command =
        Command.of(opcode(layout), columnTiles * Operands.tiles(m, tileRows))
            .read(a.span(), aRows, aColumns, a.stride())
            .read(b.span(), bRows, bColumns, b.stride())
            .write(c.span(), m, n, c.stride())
            .readIfPresent(bias == null ? null : bias.slice(0, n));
    if (residual == null) {
      command.absent();
    } else {
      command.read(residual.span(), m, n, residual.stride());
    }
    recorder.add(
        command
            .integer(m)
            .integer(n)
            .integer(k)
            .integer(a.stride())
            .integer(b.stride())
            .integer(c.stride())
            .integer(residual == null ? 0 : residual.stride())
            .flag(epilogue.accumulate())
            .integer(tileRows));
  }

  private static void check(Operands operands, String name, Matrix matrix, int rows, int columns) {
    operands
        .atLeast(name + ".stride", matrix.stride(), columns)
        .holds(name, matrix.span(), (rows - 1L) * matrix.stride() + columns);
  }

  private static Opcode opcode(Layout layout) {
    return switch (layout) {
      case NN -> Opcode.MATMUL_NN;
      case NT -> Opcode.MATMUL_NT;
      case TN -> Opcode.MATMUL_TN;
    };
  }

  /**
   * Rows of a tile: many, so that a packed panel serves many rows, yet so few that every thread
   * gets several tiles. Results do not depend on it.
   */
  private static int tileRows(int m, long columnTiles, int computeUnits) {
    int rows = m <= 264 ? 264 : 516;
    long wanted = (long) TILES_PER_UNIT * computeUnits;
    while (columnTiles * Operands.tiles(m, rows) < wanted && rows > SMALLEST_TILE_ROWS) {
      rows = (rows / 2 + STRIP_ROWS - 1) / STRIP_ROWS * STRIP_ROWS;
    }
    return rows;
  }
}
