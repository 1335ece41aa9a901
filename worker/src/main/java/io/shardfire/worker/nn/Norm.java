package io.shardfire.worker.nn;

import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;

/** Brings each row of a matrix to one scale. */
public sealed interface Norm permits LayerNormalization, RmsNormalization {
  /** x[M,D] normalised. */
  Value record(Recording r, Value x);

  /** The same in double precision. */
  Tensor reference(Reference r, Tensor x);
}
