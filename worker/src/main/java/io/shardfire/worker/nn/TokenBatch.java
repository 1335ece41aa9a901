package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.Dropout;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.Value;
import java.util.List;

/**
 * What the host writes before a pass of a language model and reads after it.
 *
 * @param batch sequences
 * @param time tokens of each that a pass computes
 * @param keys tokens of each that a pass looks at: those before too, when decoding
 * @param ids token ids [M,1], as whole-number floats
 * @param targets ids to predict [M,1]
 * @param losses one per row [M,1]
 * @param dropoutKey key of the pass's dropout masks
 * @param position where decoding stands [1,1]
 */
public record TokenBatch(
    int batch,
    int time,
    int keys,
    Value ids,
    Value targets,
    Value losses,
    Value dropoutKey,
    Value position) {

  /** The fields of passes over whole sequences. */
  public static TokenBatch of(int batch, int time) {
    return of(batch, time, time);
  }

  /** The fields of decoding one sequence of at most {@code context} tokens, one at a time. */
  public static TokenBatch decoding(int context) {
    return of(1, 1, context);
  }

  private static TokenBatch of(int batch, int time, int keys) {
    int rows = Pass.evaluation(batch, time).rows();
    return new TokenBatch(
        batch,
        time,
        keys,
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
