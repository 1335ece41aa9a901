package io.shardfire.worker.model;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Attention;
import io.shardfire.kernels.ops.ColumnSum;
import io.shardfire.kernels.ops.CrossEntropy;
import io.shardfire.kernels.ops.Dropout;
import io.shardfire.kernels.ops.Embedding;
import io.shardfire.kernels.ops.Gelu;
import io.shardfire.kernels.ops.LayerNorm;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.MatMul.Epilogue;
import io.shardfire.kernels.ops.MatMul.Layout;
import io.shardfire.kernels.ops.MatMul.Matrix;

/**
 * Records the backward pass of what {@link Gpt2Forward} recorded. The gradient of the residual
 * stream [M,D] stays in one buffer from the last block to the first; scratch is shared by all
 * blocks.
 *
 * @param accumulate parameter gradients are added to instead of overwritten
 */
record Gpt2Backward(Gpt2Forward forward, Gpt2Tensors gradients, boolean accumulate) {

  /**
   * The loss and its gradient through unembedding and final LayerNorm. Finishes the head's
   * gradients; those of the token embedding still lack the part of {@link #embedding}.
   */
  void head(CommandRecorder recorder, float gradientScale) {
    Gpt2Activations plan = plan();
    for (int from = 0; from < plan.rows(); from += plan.logitsRows()) {
      int rows = Math.min(plan.logitsRows(), plan.rows() - from);
      forward.logits(recorder, from, rows);
      CrossEntropy.forwardBackward(
          recorder,
          rows,
          model().vocabularySize(),
          forward.logitsSpan(rows),
          plan.logitsStride(),
          plan.targets().in(arena()).slice(from, rows),
          plan.losses().in(arena()).slice(from, rows),
          gradientScale);
      unembedding(recorder, from, rows);
    }
    LayerNorm.backward(
        recorder,
        plan.rows(),
        model().width(),
        plan.output().in(arena()),
        forward.parameters().normWeight(),
        plan.stats().in(arena()),
        plan.gradNorm().in(arena()),
        plan.gradStream().in(arena()),
        false,
        gradients.normWeight(),
        gradients.normBias(),
        accumulate);
  }

  private void unembedding(CommandRecorder recorder, int from, int rows) {
    Gpt2Activations plan = plan();
    int width = model().width();
    int vocabulary = model().vocabularySize();
    Matrix gradLogits = new Matrix(forward.logitsSpan(rows), plan.logitsStride());
    MatMul.record(
        recorder,
        Layout.NN,
        gradLogits,
        new Matrix(forward.parameters().tokens(), width),
        new Matrix(plan.gradNorm().in(arena()).slice(from * width, rows * width), width),
        rows,
        width,
        vocabulary,
        Epilogue.NONE);
    MatMul.record(
        recorder,
        Layout.TN,
        gradLogits,
        new Matrix(plan.norm().in(arena()).slice(from * width, rows * width), width),
        new Matrix(gradients.tokens(), width),
        vocabulary,
        width,
        rows,
        accumulate || from > 0 ? Epilogue.ACCUMULATE : Epilogue.NONE);
  }

  /** One block; finishes its gradients. */
  void block(CommandRecorder recorder, int layer) {
    Gpt2Activations.Layer slots = plan().layers().get(layer);
    Gpt2Tensors.Block weights = forward.parameters().blocks().get(layer);
    Gpt2Tensors.Block grads = gradients.blocks().get(layer);
    int width = model().width();
    Span gradHidden = plan().gradHidden().in(arena());
    Span gradNorm = plan().gradNorm().in(arena());

    Span gradBranch = branchGradient(recorder, DropoutSites.mlpBranchStream(layer));
    linear(
        recorder,
        slots.activated(),
        weights.contractWeight(),
        gradBranch,
        gradHidden,
        grads.contractWeight(),
        grads.contractBias(),
        4 * width,
        width);
    Gelu.backward(recorder, slots.hidden().in(arena()), gradHidden, gradHidden);
    linear(
        recorder,
        slots.norm2(),
        weights.expandWeight(),
        gradHidden,
        gradNorm,
        grads.expandWeight(),
        grads.expandBias(),
        width,
        4 * width);
    normalize(
        recorder,
        slots.middle(),
        slots.stats2(),
        weights.norm2Weight(),
        grads.norm2Weight(),
        grads.norm2Bias());

    Span gradAttention = plan().gradAttention().in(arena());
    Span gradQkv = plan().gradQkv().in(arena());
    gradBranch = branchGradient(recorder, DropoutSites.attentionBranchStream(layer));
    linear(
        recorder,
        slots.attention(),
        weights.attentionWeight(),
        gradBranch,
        gradAttention,
        grads.attentionWeight(),
        grads.attentionBias(),
        width,
        width);
    Attention.backward(
        recorder,
        new Attention.Shape(plan().batch(), plan().time(), model().heads(), model().headSize()),
        slots.qkv().in(arena()),
        slots.attention().in(arena()),
        slots.logSumExp().in(arena()),
        gradAttention,
        gradQkv,
        forward.dropout() == null
            ? null
            : forward.dropout().mask(DropoutSites.attentionStream(layer)));
    linear(
        recorder,
        slots.norm1(),
        weights.qkvWeight(),
        gradQkv,
        gradNorm,
        grads.qkvWeight(),
        grads.qkvBias(),
        width,
        3 * width);
    normalize(
        recorder,
        slots.input(),
        slots.stats1(),
        weights.norm1Weight(),
        grads.norm1Weight(),
        grads.norm1Bias());
  }

  /** The embeddings; finishes their gradients. */
  void embedding(CommandRecorder recorder) {
    Gpt2Activations plan = plan();
    int width = model().width();
    Span gradStream = plan.gradStream().in(arena());
    if (forward.dropout() != null) {
      Dropout.backward(
          recorder, forward.dropout().mask(DropoutSites.embeddingStream()), gradStream, gradStream);
    }
    Embedding.backward(
        recorder,
        plan.rows(),
        plan.time(),
        width,
        plan.ids().in(arena()),
        gradStream,
        gradients.tokens(),
        gradients.positions().slice(0, plan.time() * width),
        accumulate);
  }

  /** Gradient of a branch that joined the residual stream. */
  private Span branchGradient(CommandRecorder recorder, int stream) {
    Span gradStream = plan().gradStream().in(arena());
    if (forward.dropout() == null) {
      return gradStream;
    }
    Span branch = plan().branch().in(arena());
    Dropout.backward(recorder, forward.dropout().mask(stream), gradStream, branch);
    return branch;
  }

  /** Backward of out[M,outputs] = x[M,inputs] weight[inputs,outputs] + bias. */
  private void linear(
      CommandRecorder recorder,
      Slot x,
      Span weight,
      Span gradOut,
      Span gradX,
      Span gradWeight,
      Span gradBias,
      int inputs,
      int outputs) {
    int rows = plan().rows();
    Matrix gradient = new Matrix(gradOut, outputs);
    MatMul.record(
        recorder,
        Layout.NT,
        gradient,
        new Matrix(weight, outputs),
        new Matrix(gradX, inputs),
        rows,
        inputs,
        outputs,
        Epilogue.NONE);
    MatMul.record(
        recorder,
        Layout.TN,
        new Matrix(x.in(arena()), inputs),
        gradient,
        new Matrix(gradWeight, outputs),
        inputs,
        outputs,
        rows,
        accumulate ? Epilogue.ACCUMULATE : Epilogue.NONE);
    ColumnSum.record(recorder, rows, outputs, gradOut, outputs, gradBias, accumulate);
  }

  /** Adds the gradient through a block's LayerNorm to the residual stream's. */
  private void normalize(
      CommandRecorder recorder, Slot x, Slot stats, Span weight, Span gradWeight, Span gradBias) {
    LayerNorm.backward(
        recorder,
        plan().rows(),
        model().width(),
        x.in(arena()),
        weight,
        stats.in(arena()),
        plan().gradNorm().in(arena()),
        plan().gradStream().in(arena()),
        true,
        gradWeight,
        gradBias,
        accumulate);
  }

  private Gpt2Configuration model() {
    return forward.model();
  }

  private Gpt2Activations plan() {
    return forward.plan();
  }

  private Arena arena() {
    return forward.arena();
  }
}
