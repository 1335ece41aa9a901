package io.shardfire.worker.model;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Dropout;

/**
 * The places of a model where dropout applies, each with its own stream of random numbers. The rate
 * is above 0.
 */
record DropoutSites(float rate, Span key) {
  private static final int PER_LAYER = 3;

  /** Stream of the sum of token and position embeddings. */
  static int embeddingStream() {
    return 0;
  }

  /** Stream of the attention weights of a layer. */
  static int attentionStream(int layer) {
    return PER_LAYER * layer + 1;
  }

  /** Stream of the attention branch before it joins the residual stream. */
  static int attentionBranchStream(int layer) {
    return PER_LAYER * layer + 2;
  }

  /** Stream of the feed-forward branch before it joins the residual stream. */
  static int mlpBranchStream(int layer) {
    return PER_LAYER * layer + 3;
  }

  Dropout.Mask mask(int stream) {
    return new Dropout.Mask(rate, key, stream);
  }
}
