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
  private static final int BLOCK = Bf16Operand.BLOCK;
  private static final int LARGEST_ROWS = 960;
  private static final int LARGEST_COLUMNS = 512;
  private static final int TILES_PER_COMPUTE_UNIT = 3;

  /**
   * Rows of a tile are a multiple: blocks, or with vectors those that strips of 6 rows fill, too.
   */
  private static final int VECTOR_ROWS = 96;

  private Bf16MatMul() {}

  static long scratchFloats(int m, int n, int k, MatMul.Batch batch) {
    return Bf16Operand.floats(m, k, batch.aMatrices())
        + Bf16Operand.floats(n, k, batch.bMatrices());
  }

  /** Records a product that was checked, over scratch that was. */
  static void add(CommandRecorder recorder, Product product, Span scratch) {
    Bf16Operand a = Bf16Operand.a(product);
    Bf16Operand b = Bf16Operand.b(product);
    Span packedA = scratch.slice(0, (int) a.floats());
    Span packedB = scratch.slice((int) a.floats(), (int) b.floats());
    a.record(recorder, command -> product.readOperand(command, true), packedA);
    b.record(recorder, command -> product.readOperand(command, false), packedB);
    multiply(recorder, accumulatingInPlace(product), packedA, packedB);
  }

  /** The same where B is packed already. */
  static void add(CommandRecorder recorder, Product product, Span packedB, Span scratch) {
    Bf16Operand a = Bf16Operand.a(product);
    Span packedA = scratch.slice(0, (int) a.floats());
    a.record(recorder, command -> product.readOperand(command, true), packedA);
    multiply(recorder, accumulatingInPlace(product), packedA, packedB);
  }

  private static void multiply(
      CommandRecorder recorder, Product product, Span packedA, Span packedB) {
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
            .integer(Bf16Operand.a(product).step())
            .integer(Bf16Operand.b(product).step())
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
