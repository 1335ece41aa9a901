package io.shardfire.worker.nn;

import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.List;

/** What is added to the scores of each head by the distance of a key from its query. */
public sealed interface DistanceBias permits LinearBiases, RelativeBiases {
  /** The table that the host fills. */
  Constant constant();

  /** Makes the biases, once for all blocks of a stack. */
  Recorded record(Recording r);

  /** The biases [queries, keys] of each head in double precision. */
  List<Tensor> reference(Reference r);

  /**
   * The biases of a recording.
   *
   * @param table [heads, distances]
   * @param bySequence [batch * heads, distances], which nothing holds: its gradient is that of the
   *     table by sequence of the batch; null where no gradient is wanted
   */
  record Recorded(Value table, Value bySequence) {}
}
