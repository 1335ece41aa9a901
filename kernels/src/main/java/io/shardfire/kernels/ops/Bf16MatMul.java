package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.ProductUnit;
import io.shardfire.kernels.device.Span;

/**
 * Matrix products in bf16 for CPU devices. The operands are packed, each once for all tiles, and
 * multiplied, by a command each; where tiles cover all rows, they pack their columns of B instead.
 *
 * <pre>
 *   scratch:  | packed A, per matrix | packed B, per matrix |
 *             lines and k filled up to whole blocks of 32, two numbers in a float's word
 * </pre>
 */
final class Bf16MatMul {
  private static final int BLOCK = Bf16Operand.BLOCK;

  /** Of tiles that pack their columns of B: their strips of A and of C stay in a cache of 1 MiB. */
  private static final int PACKING_ROWS = 1024;

  /** Of which {@code BF16_DEPTH} terms of B fit into local memory, packed. */
  private static final int PACKING_COLUMNS = 320;

  /** Per compute unit: enough for two tiles of each. */
  private static final int PACKING_LEAST_COLUMNS = 128;

  /** How B lies, in the kernels. */
  private static final int BF16_PACKED = 0;

  private static final int BF16_STORED_ALONG_K = 1;
  private static final int BF16_STORED_ACROSS_K = 2;

  /** With vectors, rows of a tile are whole strips of 6 rows, too. */
  private static final int VECTOR_ROWS = 96;

  /** With vectors, whose sums of a tile, between parts of the depth, stay in a cache of 1 MiB. */
  private static final int MOST_VECTOR_ROWS = 1056;

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
    Bf16Tile packing = packingTile(recorder, product);
    if (packing != null) {
      multiply(recorder, product, packedA, null, packing);
      return;
    }
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

  /**
   * A tile of all rows, which packs its columns of B by itself, so that what is packed stays in a
   * cache.
   *
   * @return null where packing ahead is better: where other tiles would have to pack the same
   *     columns, or where too few would be left to share
   */
  private static Bf16Tile packingTile(CommandRecorder recorder, Product product) {
    int computeUnits = recorder.computeUnits();
    if (recorder.unit() == ProductUnit.VECTORS
        || product.batch().count() > 1
        || product.m() > PACKING_ROWS
        || product.n() < (long) PACKING_LEAST_COLUMNS * computeUnits) {
      return null;
    }
    return Bf16Tile.ofAllRows(product.m(), product.n(), computeUnits, BLOCK, PACKING_COLUMNS);
  }

  private static Bf16Tile tile(CommandRecorder recorder, Product product) {
    int products = product.batch().count();
    if (recorder.unit() == ProductUnit.VECTORS) {
      TileRows rows =
          new TileRows(
              product.m(),
              product.n(),
              products,
              VECTOR_COLUMNS,
              recorder.computeUnits(),
              VECTOR_ROWS);
      return new Bf16Tile(rows.best(VECTOR_ROWS, MOST_VECTOR_ROWS), VECTOR_COLUMNS);
    }
    return Bf16Tile.of(product.m(), product.n(), products, recorder.computeUnits(), BLOCK, BLOCK);
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
            .integer(recorder.unit().code())
            .integer(packedB == null ? stored(product) : BF16_PACKED)
            .flag(product.halvedB()));
  }

  private static int stored(Product product) {
    return Bf16Operand.b(product).alongDepth() ? BF16_STORED_ALONG_K : BF16_STORED_ACROSS_K;
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
