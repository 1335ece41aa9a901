package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import java.util.function.Consumer;

/**
 * One operand of products in bf16 for CPU devices, packed: lines and k filled up to whole blocks of
 * 32, two numbers in a float's word. A line is a row of A or a column of B.
 *
 * @param left whether it is A
 * @param depth k
 * @param alongDepth whether the k of a line are neighbours in memory
 * @param matrices of a batch
 * @param apart numbers from one of them to the next
 * @param halved whether it is stored in bf16
 */
record Bf16Operand(
    boolean left,
    int lines,
    int depth,
    int stride,
    boolean alongDepth,
    int matrices,
    int apart,
    boolean halved) {
  static final int BLOCK = 32;
  private static final int BLOCK_FLOATS = 512;

  /** So that blocks can begin on a cache line. */
  private static final int ALIGNMENT_FLOATS = 16;

  /** Blocks of lines per tile of packing: {@code BF16_PACK_LINES} in the kernels. */
  private static final int PACK_LINES = 8;

  static Bf16Operand a(Product product) {
    MatMul.Batch batch = product.batch();
    return new Bf16Operand(
        true,
        product.m(),
        product.k(),
        product.a().stride(),
        product.layout() != MatMul.Layout.TN,
        batch.aMatrices(),
        batch.aStride(),
        false);
  }

  static Bf16Operand b(Product product) {
    MatMul.Batch batch = product.batch();
    return new Bf16Operand(
        false,
        product.n(),
        product.k(),
        product.b().stride(),
        product.layout() == MatMul.Layout.NT,
        batch.bMatrices(),
        batch.bStride(),
        product.halvedB());
  }

  /** Floats of packed matrices of so many lines. */
  static long floats(int lines, int depth, int matrices) {
    return matrices * matrixFloats(lines, depth) + ALIGNMENT_FLOATS;
  }

  private static long matrixFloats(int lines, int depth) {
    return Operands.tiles(lines, BLOCK) * Operands.tiles(depth, BLOCK) * BLOCK_FLOATS;
  }

  long floats() {
    return floats(lines, depth, matrices);
  }

  /** From one packed matrix to that of the next product. */
  int step() {
    return matrices == 1 ? 0 : Math.toIntExact(matrixFloats(lines, depth));
  }

  private long tiles() {
    long lineBlocks = Operands.tiles(lines, BLOCK);
    return alongDepth
        ? lineBlocks
        : Operands.tiles(depth, BLOCK) * Operands.tiles(lineBlocks, PACK_LINES);
  }

  /** As a reader of a profile knows it: which operand, its size, and how memory is read. */
  private String label() {
    return (left ? "A " : "B ") + lines + "x" + depth + (alongDepth ? " along k" : " across k");
  }

  /**
   * Records the packing.
   *
   * @param source appends the operand as it is stored
   */
  void record(CommandRecorder recorder, Consumer<Command> source, Span target) {
    Command command = Command.of(Opcode.BF16_PACK, Math.multiplyExact(tiles(), matrices));
    source.accept(command);
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
            .integer(recorder.unit().code())
            .flag(halved));
  }
}
