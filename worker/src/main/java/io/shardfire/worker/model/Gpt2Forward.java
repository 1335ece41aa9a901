package io.shardfire.worker.model;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Attention;
import io.shardfire.kernels.ops.CrossEntropy;
import io.shardfire.kernels.ops.Dropout;
import io.shardfire.kernels.ops.Embedding;
import io.shardfire.kernels.ops.Gelu;
import io.shardfire.kernels.ops.MatMul;

/**
 * Records the forward pass. M rows (batch times time), D width, V vocabulary, S logits stride.
 *
 * @param dropout null when nothing is dropped
 */
record Gpt2Forward(
    Gpt2Configuration model,
    Gpt2Activations plan,
    Gpt2Tensors parameters,
    Arena arena,
    DropoutSites dropout) {

  /** Token and position embeddings to the input of block 0. */
  void embedding(CommandRecorder recorder) {
    int width = model.width();
    Span out = plan.layers().get(0).input().in(arena);
    Embedding.forward(
        recorder,
        plan.rows(),
        plan.time(),
        width,
        plan.ids().in(arena),
        parameters.tokens(),
        parameters.positions().slice(0, plan.time() * width),
        out);
    if (dropout != null) {
      Dropout.forward(recorder, dropout.mask(DropoutSites.embeddingStream()), out, null, out);
    }
  }

  /** One block, from its input to the next block's. */
  void block(CommandRecorder recorder, int layer) {
    Gpt2Activations.Layer slots = plan.layers().get(layer);
    Gpt2Tensors.Block weights = parameters.blocks().get(layer);
    Gpt2Layers layers = layers();
    int width = model.width();
    Span input = slots.input().in(arena);
    Span middle = slots.middle().in(arena);

    Span norm1 = slots.norm1().in(arena);
    Span stats1 = slots.stats1().in(arena);
    layers.normalize(recorder, input, weights.norm1Weight(), weights.norm1Bias(), norm1, stats1);
    Span qkv = slots.qkv().in(arena);
    layers.linear(
        recorder, norm1, weights.qkvWeight(), weights.qkvBias(), null, qkv, width, 3 * width);
    Span attention = slots.attention().in(arena);
    Attention.forward(
        recorder,
        new Attention.Shape(plan.batch(), plan.time(), model.heads(), model.headSize()),
        qkv,
        attention,
        slots.logSumExp().in(arena),
        dropout == null ? null : dropout.mask(DropoutSites.attentionStream(layer)));
    branch(
        recorder,
        attention,
        weights.attentionWeight(),
        weights.attentionBias(),
        input,
        middle,
        width,
        DropoutSites.attentionBranchStream(layer));

    Span norm2 = slots.norm2().in(arena);
    Span stats2 = slots.stats2().in(arena);
    layers.normalize(recorder, middle, weights.norm2Weight(), weights.norm2Bias(), norm2, stats2);
    Span hidden = slots.hidden().in(arena);
    layers.linear(
        recorder,
        norm2,
        weights.expandWeight(),
        weights.expandBias(),
        null,
        hidden,
        width,
        4 * width);
    Span activated = slots.activated().in(arena);
    Gelu.forward(recorder, hidden, activated);
    branch(
        recorder,
        activated,
        weights.contractWeight(),
        weights.contractBias(),
        middle,
        plan.blockOutput(layer).in(arena),
        4 * width,
        DropoutSites.mlpBranchStream(layer));
  }

  /** The final LayerNorm. */
  void norm(CommandRecorder recorder) {
    layers()
        .normalize(
            recorder,
            plan.output().in(arena),
            parameters.normWeight(),
            parameters.normBias(),
            plan.norm().in(arena),
            plan.stats().in(arena));
  }

  /**
   * Logits of rows [from, from + rows) into the logits buffer: the unembedding is the embedding,
   * transposed.
   */
  void logits(CommandRecorder recorder, int from, int rows) {
    int width = model.width();
    MatMul.record(
        recorder,
        MatMul.Layout.NT,
        new MatMul.Matrix(plan.norm().in(arena).slice(from * width, rows * width), width),
        new MatMul.Matrix(parameters.tokens(), width),
        new MatMul.Matrix(logitsSpan(rows), plan.logitsStride()),
        rows,
        model.vocabularySize(),
        width,
        MatMul.Epilogue.NONE);
  }

  /** Logits and losses of all rows, a part at a time; nothing is kept for a backward pass. */
  void losses(CommandRecorder recorder) {
    for (int from = 0; from < plan.rows(); from += plan.logitsRows()) {
      int rows = Math.min(plan.logitsRows(), plan.rows() - from);
      logits(recorder, from, rows);
      CrossEntropy.forward(
          recorder,
          rows,
          model.vocabularySize(),
          logitsSpan(rows),
          plan.logitsStride(),
          plan.targets().in(arena).slice(from, rows),
          plan.losses().in(arena).slice(from, rows));
    }
  }

  /** The logits buffer's first rows [rows, S]. */
  Span logitsSpan(int rows) {
    return plan.logits().in(arena).slice(0, rows * plan.logitsStride());
  }

  /** out[M,D] = residual + dropout(x[M,inputs] weight[inputs,D] + bias). */
  private void branch(
      CommandRecorder recorder,
      Span x,
      Span weight,
      Span bias,
      Span residual,
      Span out,
      int inputs,
      int stream) {
    if (dropout == null) {
      layers().linear(recorder, x, weight, bias, residual, out, inputs, model.width());
    } else {
      Span branch = plan.branch().in(arena);
      layers().linear(recorder, x, weight, bias, null, branch, inputs, model.width());
      Dropout.forward(recorder, dropout.mask(stream), branch, residual, out);
    }
  }

  private Gpt2Layers layers() {
    return new Gpt2Layers(model, plan.rows());
  }
}
