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

  /** With vectors, rows of a tile are whole strips of 6 rows, too. */
  private static final int VECTOR_ROWS = 96;

  /** Columns that vectors take at a time: {@code BF16_VECTOR_COLUMNS} in the kernels. */
  private static final int VECTOR_COLUMNS = 128;

  private Bf16MatMul() {}

  static long scratchFloats(int m, int n, int k, MatMul.Batch batch) {
    return Bf16Operand.floats(m, k, batch.aMatrices())
        + Bf16Operand.floats(n, k, batch.bMatrices());
  }

  /** Records a product that was checked, over scratch that was. */
  static void add(CommandRecorder recorder, Product checked, Span scratch) {
    Product product = accumulatingInPlace(checked);
    Bf16Operand a = Bf16Operand.a(product);
    Bf16Operand b = Bf16Operand.b(product);
    Span packedA = scratch.slice(0, (int) a.floats());
    a.record(recorder, command -> product.readOperand(command, true), packedA);
    Span packedB = scratch.slice((int) a.floats(), (int) b.floats());
    b.record(recorder, command -> product.readOperand(command, false), packedB);
    multiply(recorder, product, packedA, packedB, tile(recorder, product));
  }

  /** The same where B is packed already. */
  static void add(CommandRecorder recorder, Product checked, Span packedB, Span scratch) {
    Product product = accumulatingInPlace(checked);
    Bf16Operand a = Bf16Operand.a(product);
    Span packedA = scratch.slice(0, (int) a.floats());
    a.record(recorder, command -> product.readOperand(command, true), packedA);
    multiply(recorder, product, packedA, packedB, tile(recorder, product));
  }

  private static Bf16Tile tile(CommandRecorder recorder, Product product) {
    boolean vectors = recorder.unit() == ProductUnit.VECTORS;
    return Bf16Tile.of(
        product.m(),
        product.n(),
        product.batch().count(),
        recorder.computeUnits(),
        vectors ? VECTOR_ROWS : BLOCK,
        vectors ? VECTOR_COLUMNS : BLOCK);
  }

  private static void multiply(
      CommandRecorder recorder, Product product, Span packedA, Span packedB, Bf16Tile tile) {
    MatMul.Batch batch = product.batch();
    long tiles = tile.count(product.m(), product.n());
    Command command = Command.of(Opcode.BF16_MATMUL, Math.multiplyExact(tiles, batch.count()));
    recorder.add(
        product
            .append(command, packedA, packedB)
            .integer(tile.rows())
            .integer((int) tiles)
            .integer(Bf16Operand.a(product).step())
            .integer(Bf16Operand.b(product).step())
            .integer(batch.cStride())
            .integer(batch.biasStride())
            .integer(batch.residualStride())
            .integer(batch.preActivationStride())
            .integer(batch.count())
            .integer(tile.columns())
            .integer(recorder.unit().code()));
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
