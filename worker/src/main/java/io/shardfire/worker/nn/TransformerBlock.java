package io.shardfire.worker.nn;

import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;

/** A transformer block that normalises the input of each branch. */
public record TransformerBlock(
    Norm attentionNorm, SelfAttention attention, Norm feedForwardNorm, FeedForward feedForward) {

  /** The residual stream x[M,D] after this block. */
  public Value record(Recording r, Value x) {
    Value middle = attention.record(r, attentionNorm.record(r, x), x);
    return feedForward.record(r, feedForwardNorm.record(r, middle), middle);
  }

  /** The same in double precision. */
  public Tensor reference(Reference r, Tensor x) {
    Tensor middle = attention.reference(r, attentionNorm.reference(r, x), x);
    return feedForward.reference(r, feedForwardNorm.reference(r, middle), middle);
  }
}
