package io.shardfire.worker.inspect;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.ops.AttentionShape;
import io.shardfire.kernels.ops.MatMul.Matrix;
import io.shardfire.worker.nn.AttentionEmission;
import io.shardfire.worker.program.Operation;
import io.shardfire.worker.program.ProgramRecorder;
import java.util.Arrays;
import java.util.List;

/**
 * One attention of a recorded model whose weights can be read although no kernel stores them: with
 * unit vectors for values, what is attended is the weights.
 *
 * <pre>
 *   out_i = sum_j P_ij v_j      v_j = e_(j - c) for keys c ≤ j &lt; c + S, else 0      out_i[d] = P_i,c+d
 * </pre>
 *
 * Tq queries, Tk keys, H heads, S head size; batch 1. Mask, biases, rotation and grouping of heads
 * are thus those of the model, whatever they are.
 */
final class AttentionProbe {
  private final CommandBuffer buffer;
  private AttentionShape shape;
  private Matrix values;
  private Matrix out;

  AttentionProbe(ProgramRecorder recorder, Operation operation, AttentionEmission emission) {
    // Only while it is recorded does an operation know where its operands lie.
    Operation watched =
        new Operation(
            operation.name(),
            operation.reads(),
            operation.writes(),
            (commands, spans) -> {
              shape = emission.options().apply(spans).shape();
              values = emission.inputs().apply(spans).v();
              out = emission.outputs().apply(spans).out();
              emission.record(commands, spans);
            });
    this.buffer = recorder.record(operation.name(), List.of(watched), false);
  }

  AttentionShape shape() {
    return shape;
  }

  /** Attends as the model does. */
  void run() {
    buffer.run();
  }

  /**
   * The weights [H, Tq, Tk] of the queries and keys that lie there now; leaves the values alone.
   */
  float[] weights() {
    float[] weights = new float[shape.heads() * shape.queries() * shape.keys()];
    values.span().download();
    float[] array = values.span().arena().array();
    int from = values.span().offset();
    float[] kept = Arrays.copyOfRange(array, from, from + values.span().length());
    for (int first = 0; first < shape.keys(); first += shape.headSize()) {
      writeUnitVectors(first);
      buffer.run();
      out.span().download();
      read(first, weights);
    }
    System.arraycopy(kept, 0, array, from, kept.length);
    values.span().upload();
    return weights;
  }

  /** Of the keys from {@code first} on as many as a vector has dims; zeros for the others. */
  private void writeUnitVectors(int first) {
    float[] array = values.span().arena().array();
    for (int key = 0; key < shape.keys(); key++) {
      int row = values.span().offset() + key * values.stride();
      Arrays.fill(array, row, row + shape.kvWidth(), 0);
      int dim = key - first;
      if (dim >= 0 && dim < shape.headSize()) {
        for (int head = 0; head < shape.kvHeads(); head++) {
          array[row + head * shape.headSize() + dim] = 1;
        }
      }
    }
    values.span().upload();
  }

  private void read(int first, float[] weights) {
    float[] array = out.span().arena().array();
    int count = Math.min(shape.headSize(), shape.keys() - first);
    for (int head = 0; head < shape.heads(); head++) {
      for (int query = 0; query < shape.queries(); query++) {
        System.arraycopy(
            array,
            out.span().offset() + query * out.stride() + head * shape.headSize(),
            weights,
            (head * shape.queries() + query) * shape.keys() + first,
            count);
      }
    }
  }
}
