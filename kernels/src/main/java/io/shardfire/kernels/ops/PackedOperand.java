package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.KernelForm;
import io.shardfire.kernels.device.Span;

/**
 * B of products in bf16, packed ahead: for several products, of one layout each, that read it while
 * it does not change. Where nothing is packed, on devices that use the GPU form, nothing is
 * recorded.
 */
public final class PackedOperand {
  private PackedOperand() {}

  /**
   * Floats that B takes, packed: some two bytes for each of its numbers.
   *
   * @param n columns of the products
   * @param k terms of their sums
   */
  public static long floats(int n, int k) {
    return Bf16Operand.floats(n, k, 1);
  }

  /**
   * Records the packing.
   *
   * @param b [k,n], or [n,k] for {@link MatMul.Layout#NT}
   * @param packed {@link #floats} long; products read it by {@link MatMul#recordPacked}
   */
  public static void record(
      CommandRecorder recorder, MatMul.Layout layout, MatMul.Matrix b, int n, int k, Span packed) {
    boolean alongDepth = layout == MatMul.Layout.NT;
    int rows = alongDepth ? n : k;
    int columns = alongDepth ? k : n;
    new Operands("PackedOperand." + layout)
        .positive("n", n)
        .positive("k", k)
        .atLeast("b.stride", b.stride(), columns)
        .holds("b", b.span(), (rows - 1L) * b.stride() + columns)
        .holds("packed", packed, floats(n, k))
        .disjoint("b", b.span(), "packed", packed);
    if (recorder.form() == KernelForm.GPU) {
      return;
    }
    new Bf16Operand(false, n, k, b.stride(), alongDepth, 1, 0, false)
        .record(
            recorder,
            command -> command.read(b.span(), rows, columns, b.stride()),
            packed.slice(0, (int) floats(n, k)));
  }
}
