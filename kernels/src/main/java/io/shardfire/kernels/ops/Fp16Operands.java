package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;

/**
 * Operands of products in fp16 for CPU devices: each is rounded once for all tiles, and the product
 * in fp32 reads the copies.
 *
 * <pre>
 *   scratch:  | rounded A, per matrix | rounded B, per matrix |
 *             as the operand is stored, rows without gaps, a float for each number
 * </pre>
 */
final class Fp16Operands {
  private Fp16Operands() {}

  /** One operand. */
  private record Rounded(
      boolean left, int rows, int columns, int stride, int matrices, int apart, boolean halved) {
    static Rounded a(Product product) {
      MatMul.Batch batch = product.batch();
      return new Rounded(
          true,
          product.aRows(),
          product.aColumns(),
          product.a().stride(),
          batch.aMatrices(),
          batch.aStride(),
          false);
    }

    static Rounded b(Product product) {
      MatMul.Batch batch = product.batch();
      return new Rounded(
          false,
          product.bRows(),
          product.bColumns(),
          product.b().stride(),
          batch.bMatrices(),
          batch.bStride(),
          product.halvedB());
    }

    int floats() {
      return matrices * rows * columns;
    }

    /** From one matrix to that of the next product. */
    int step() {
      return matrices == 1 ? 0 : rows * columns;
    }

    MatMul.Matrix record(CommandRecorder recorder, Product product, Span target) {
      int tileRows = Tiles.rows(recorder, columns);
      long tiles = Operands.tiles(rows, tileRows);
      Command command = Command.of(Opcode.FP16_ROUND, Math.multiplyExact(tiles, matrices));
      product.readOperand(command, left);
      recorder.add(
          command
              .products((left ? "A " : "B ") + rows + "x" + columns, 0)
              .write(target)
              .integer(rows)
              .integer(columns)
              .integer(stride)
              .integer(tileRows)
              .integer((int) tiles)
              .integer(apart)
              .flag(halved));
      return new MatMul.Matrix(target, columns);
    }
  }

  static long scratchFloats(int m, int n, int k, MatMul.Batch batch) {
    return (long) batch.aMatrices() * m * k + (long) batch.bMatrices() * k * n;
  }

  /** Records the rounding for a product that was checked, over scratch that was. */
  static Product record(CommandRecorder recorder, Product product, Span scratch) {
    Rounded a = Rounded.a(product);
    Rounded b = Rounded.b(product);
    return product.with(
        a.record(recorder, product, scratch.slice(0, a.floats())),
        b.record(recorder, product, scratch.slice(a.floats(), b.floats())),
        product.batch().withOperandStrides(a.step(), b.step()));
  }
}
