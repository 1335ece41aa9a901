package io.shardfire.worker.nn;

import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.List;
import java.util.function.BinaryOperator;

/**
 * A transformer block: branches of one residual stream.
 *
 * @param normalizesInputs whether the input of each branch is normalised, or else the sum of branch
 *     and stream (Xiong et al., 2020)
 * @param crossNorm of the cross attention; null with it
 * @param crossAttention to the output of an encoder; null where there is none
 */
public record TransformerBlock(
    boolean normalizesInputs,
    Norm attentionNorm,
    SelfAttention attention,
    Norm crossNorm,
    CrossAttention crossAttention,
    Norm feedForwardNorm,
    FeedForward feedForward)
    implements Block {

  @Override
  public Value record(Recording r, Value x, DistanceBias.Recorded biases, Value memory) {
    Value stream = branch(r, x, attentionNorm, (in, sum) -> attention.record(r, in, sum, biases));
    if (crossAttention != null) {
      stream = branch(r, stream, crossNorm, (in, sum) -> crossAttention.record(r, in, sum, memory));
    }
    return branch(r, stream, feedForwardNorm, (in, sum) -> feedForward.record(r, in, sum));
  }

  private Value branch(Recording r, Value x, Norm norm, BinaryOperator<Value> branch) {
    return normalizesInputs
        ? branch.apply(norm.record(r, x), x)
        : norm.record(r, branch.apply(x, x));
  }

  @Override
  public void keepSource(Recording r, Value memory) {
    crossAttention.keep(r, memory);
  }

  @Override
  public Tensor reference(Reference r, Tensor x, List<Tensor> biases, Tensor memory) {
    Tensor stream =
        branch(r, x, attentionNorm, (in, sum) -> attention.reference(r, in, sum, biases));
    if (crossAttention != null) {
      stream =
          branch(r, stream, crossNorm, (in, sum) -> crossAttention.reference(r, in, sum, memory));
    }
    return branch(r, stream, feedForwardNorm, (in, sum) -> feedForward.reference(r, in, sum));
  }

  private Tensor branch(Reference r, Tensor x, Norm norm, BinaryOperator<Tensor> branch) {
    return normalizesInputs
        ? branch.apply(norm.reference(r, x), x)
        : norm.reference(r, branch.apply(x, x));
  }
}
