package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.ProductUnit;
import io.shardfire.kernels.device.Span;

/**
 * Matrix products in bf16 for CPU devices, as three commands: the operands are packed, each once
 * for all tiles, and multiplied.
 *
 * <pre>
 *   scratch:  | packed A, per matrix | packed B, per matrix |
 *             lines and k filled up to whole blocks of 32, two numbers in a float's word
 * </pre>
 */
final class Bf16MatMul {
  private static final int BLOCK = 32;
  private static final int BLOCK_FLOATS = 512;

  /** So that blocks can begin on a cache line. */
  private static final int ALIGNMENT_FLOATS = 16;

  /** Blocks of lines per tile of packing: {@code BF16_PACK_LINES} in the kernels. */
  private static final int PACK_LINES = 8;

  private static final int LARGEST_ROWS = 960;
  private static final int LARGEST_COLUMNS = 512;
  private static final int TILES_PER_COMPUTE_UNIT = 3;

  /**
   * Rows of a tile are a multiple: blocks, or with vectors those that strips of 6 rows fill, too.
   */
  private static final int VECTOR_ROWS = 96;

  private Bf16MatMul() {}

  /** One operand, packed. A line is a row of A or a column of B. */
  private record Packed(
      boolean left, int lines, int depth, int stride, boolean alongDepth, int matrices, int apart) {
    static Packed a(Product product) {
      MatMul.Batch batch = product.batch();
      return new Packed(
          true,
          product.m(),
          product.k(),
          product.a().stride(),
          product.layout() != MatMul.Layout.TN,
          batch.aMatrices(),
          batch.aStride());
    }

    static Packed b(Product product) {
      MatMul.Batch batch = product.batch();
      return new Packed(
          false,
          product.n(),
          product.k(),
          product.b().stride(),
          product.layout() == MatMul.Layout.NT,
          batch.bMatrices(),
          batch.bStride());
    }

    private long lineBlocks() {
      return Operands.tiles(lines, BLOCK);
    }

    private long depthBlocks() {
      return Operands.tiles(depth, BLOCK);
    }

    long floats() {
      return packedFloats(lines, depth, matrices);
    }

    /** From one matrix to that of the next product. */
    int step() {
      return matrices == 1 ? 0 : Math.toIntExact(matrixFloats(lines, depth));
    }

    private long tiles() {
      return alongDepth ? lineBlocks() : depthBlocks() * Operands.tiles(lineBlocks(), PACK_LINES);
    }

    /** As a reader of a profile knows it: which operand, its size, and how memory is read. */
    private String label() {
      return (left ? "A " : "B ") + lines + "x" + depth + (alongDepth ? " along k" : " across k");
    }

    void record(CommandRecorder recorder, Product product, Span target) {
      Command command = Command.of(Opcode.BF16_PACK, Math.multiplyExact(tiles(), matrices));
      product.readOperand(command, left);
      recorder.add(
          command
              .products(label(), 0)
              .write(target)
              .integer(lines)
              .integer(depth)
              .integer(stride)
              .flag(alongDepth)
              .flag(left)
              .integer((int) tiles())
              .integer(apart)
              .integer(step())
              .integer(recorder.unit().code()));
    }
  }

  static long scratchFloats(int m, int n, int k, MatMul.Batch batch) {
    return packedFloats(m, k, batch.aMatrices()) + packedFloats(n, k, batch.bMatrices());
  }

  private static long matrixFloats(int lines, int depth) {
    return Operands.tiles(lines, BLOCK) * Operands.tiles(depth, BLOCK) * BLOCK_FLOATS;
  }

  private static long packedFloats(int lines, int depth, int matrices) {
    return matrices * matrixFloats(lines, depth) + ALIGNMENT_FLOATS;
  }

  /** Records a product that was checked, over scratch that was. */
  static void add(CommandRecorder recorder, Product checked, Span scratch) {
    Product product = accumulatingInPlace(checked);
    Packed a = Packed.a(product);
    Packed b = Packed.b(product);
    Span packedA = scratch.slice(0, (int) a.floats());
    Span packedB = scratch.slice((int) a.floats(), (int) b.floats());
    a.record(recorder, product, packedA);
    b.record(recorder, product, packedB);

    MatMul.Batch batch = product.batch();
    int columns = share(product.n(), Operands.tiles(product.n(), LARGEST_COLUMNS), BLOCK);
    long columnTiles = Operands.tiles(product.n(), columns);
    int rows =
        tileRows(
            product.m(),
            columnTiles * batch.count(),
            recorder.computeUnits(),
            recorder.unit() == ProductUnit.VECTORS ? VECTOR_ROWS : BLOCK);
    long tiles = columnTiles * Operands.tiles(product.m(), rows);
    Command command = Command.of(Opcode.BF16_MATMUL, Math.multiplyExact(tiles, batch.count()));
    recorder.add(
        product
            .append(command, packedA, packedB)
            .integer(rows)
            .integer((int) tiles)
            .integer(a.step())
            .integer(b.step())
            .integer(batch.cStride())
            .integer(batch.biasStride())
            .integer(batch.residualStride())
            .integer(batch.preActivationStride())
            .integer(batch.count())
            .integer(columns)
            .integer(recorder.unit().code()));
  }

  /**
   * Rows of a tile: of numbers of tiles that are enough, up to twice as many, those with which the
   * compute units are done first.
   *
   * @param stacks columns of tiles, each of which covers all rows
   * @param multiple the rows are one of it
   */
  static int tileRows(int m, long stacks, int computeUnits, int multiple) {
    long wanted = (long) TILES_PER_COMPUTE_UNIT * computeUnits;
    long fewest =
        Math.max(Operands.tiles(m, LARGEST_ROWS), Operands.tiles(wanted, Math.toIntExact(stacks)));
    int best = 0;
    long least = Long.MAX_VALUE;
    for (long count = fewest; count <= 2 * fewest; count++) {
      int rows = share(m, count, multiple);
      long rounds = Operands.tiles(stacks * Operands.tiles(m, rows), computeUnits);
      if (rounds * rows < least) {
        least = rounds * rows;
        best = rows;
      }
    }
    return best;
  }

  /** An even share of {@code count}, rounded up to a multiple. */
  private static int share(int count, long shares, int multiple) {
    long share = (count + shares - 1) / shares;
    return (int) ((share + multiple - 1) / multiple * multiple);
  }

  /**
   * Unfinished sums stand in C, so that a residual in the same place has to be there from the
   * start.
   */
  private static Product accumulatingInPlace(Product product) {
    MatMul.Epilogue epilogue = product.epilogue();
    MatMul.Matrix residual = epilogue.residual();
    if (residual == null
        || residual.span().arena() != product.c().span().arena()
        || residual.span().offset() != product.c().span().offset()) {
      return product;
    }
    return product.with(new MatMul.Epilogue(epilogue.bias(), null, true));
  }
}
