package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.Dropout;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.Value;
import java.util.List;

/**
 * What the host writes before a pass of a language model and reads after it.
 *
 * @param ids token ids [M,1], as whole-number floats
 * @param targets ids to predict [M,1]
 * @param losses one per row [M,1]
 * @param dropoutKey key of the pass's dropout masks
 * @param position where decoding stands [1,1]
 */
public record TokenBatch(Value ids, Value targets, Value losses, Value dropoutKey, Value position) {

  /** The fields of passes of this size. */
  public static TokenBatch of(int batch, int time) {
    int rows = Pass.evaluation(batch, time).rows();
    return new TokenBatch(
        Value.pinned("ids", rows, 1),
        Value.pinned("targets", rows, 1),
        Value.pinned("losses", rows, 1),
        Value.pinned("dropout key", 1, Dropout.KEY_FLOATS),
        Value.pinned("position", 1, 1));
  }

  /** All of them, in the order they lie in memory. */
  public List<Value> fields() {
    return List.of(ids, targets, losses, dropoutKey, position);
  }
}
