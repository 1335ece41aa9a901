package io.shardfire.worker.model;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.LayerNorm;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.MatMul.Epilogue;
import io.shardfire.kernels.ops.MatMul.Layout;
import io.shardfire.kernels.ops.MatMul.Matrix;

/**
 * Records the layers that training and generation have in common. M rows, D width.
 *
 * @param rows M: positions that are computed side by side
 */
public record Gpt2Layers(Gpt2Configuration model, int rows) {

  /** y[M,D] = LayerNorm(x[M,D]), with stats[M,2] for a backward pass. */
  public void normalize(
      CommandRecorder recorder, Span x, Span weight, Span bias, Span y, Span stats) {
    LayerNorm.forward(
        recorder, rows, model.width(), model.layerNormEpsilon(), x, weight, bias, y, stats);
  }

  /**
   * out[M,outputs] = residual + x[M,inputs] weight[inputs,outputs] + bias.
   *
   * @param residual null for none
   */
  public void linear(
      CommandRecorder recorder,
      Span x,
      Span weight,
      Span bias,
      Span residual,
      Span out,
      int inputs,
      int outputs) {
    MatMul.record(
        recorder,
        Layout.NN,
        new Matrix(x, inputs),
        new Matrix(weight, outputs),
        new Matrix(out, outputs),
        rows,
        outputs,
        inputs,
        new Epilogue(bias, residual == null ? null : new Matrix(residual, outputs), false));
  }
}
