package io.shardfire.worker.nn;

import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.List;

/** One layer of a stack, which is gathered, reduced and recomputed as a whole. */
public sealed interface Block permits TransformerBlock, RecurrentBlock {
  /**
   * The stream x[M,D] after this block.
   *
   * @param biases of self-attention; or null
   * @param memory the output of an encoder; null where there is none
   */
  Value record(Recording r, Value x, DistanceBias.Recorded biases, Value memory);

  /** Keeps what this block reads of an encoder's output, for decoding. */
  void keepSource(Recording r, Value memory);

  /** The same in double precision. */
  Tensor reference(Reference r, Tensor x, List<Tensor> biases, Tensor memory);
}
