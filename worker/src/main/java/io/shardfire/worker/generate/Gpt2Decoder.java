package io.shardfire.worker.generate;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.OffsetAllocator;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Attention;
import io.shardfire.kernels.ops.Embedding;
import io.shardfire.kernels.ops.Gelu;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.MatVec;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.worker.model.Gpt2Configuration;
import io.shardfire.worker.model.Gpt2Layers;
import io.shardfire.worker.model.Gpt2Parameters;
import io.shardfire.worker.model.Gpt2Tensors;
import java.util.function.BiConsumer;

/**
 * GPT-2 one token at a time, with the keys and values of earlier positions kept (batch 1). D width,
 * T context, V vocabulary. Confined to one thread.
 */
final class Gpt2Decoder {
  private final Gpt2Configuration model;
  private final Gpt2Tensors weights;
  private final float[] array;
  private final Span id;
  private final Span position;
  private final Span logits;
  private final CommandBuffer advance;
  private final CommandBuffer predict;
  private int length;

  private Gpt2Decoder(
      Gpt2Configuration model, DeviceMemory memory, Arena parameters, DecoderPlan plan) {
    Arena arena = memory.allocate("decoder", plan.floats());
    // Not before all arenas are there.
    parameters.span(0, parameters.size()).upload();
    ShardLayout layout = layout(model);
    this.model = model;
    this.weights = Gpt2Tensors.of(model, layout, parameters);
    this.array = arena.array();
    this.id = arena.span(plan.id(), 1);
    this.position = arena.span(plan.position(), 1);
    this.logits = arena.span(plan.logits(), model.vocabularySize());
    this.advance = record(memory, arena, plan, false);
    this.predict = record(memory, arena, plan, true);
  }

  /**
   * Allocates the model.
   *
   * @param loader fills the parameter array of the layout
   */
  static Gpt2Decoder create(
      Gpt2Configuration model, ComputeContext compute, BiConsumer<ShardLayout, float[]> loader) {
    DeviceMemory memory = compute.newMemory();
    ShardLayout layout = layout(model);
    Arena parameters = memory.allocate("parameters", (long) layout.base() + layout.length());
    loader.accept(layout, parameters.array());
    return new Gpt2Decoder(model, memory, parameters, DecoderPlan.of(model));
  }

  private static ShardLayout layout(Gpt2Configuration model) {
    return ShardLayout.of(Gpt2Parameters.units(model), 1, OffsetAllocator.firstOffset());
  }

  /** Tokens consumed so far. */
  int length() {
    return length;
  }

  /** Forgets all tokens. */
  void reset() {
    length = 0;
  }

  /** Consumes a token; fewer than T may have been consumed before. */
  void advance(int token) {
    consume(token, advance);
  }

  /** Consumes a token and computes the logits of the one after it. */
  void predict(int token) {
    consume(token, predict);
    logits.download();
  }

  private void consume(int token, CommandBuffer buffer) {
    if (token < 0 || token >= model.vocabularySize() || length >= model.context()) {
      throw new IllegalArgumentException(
          "A token must be in the vocabulary and have room in the context: token="
              + token
              + ", vocabularySize="
              + model.vocabularySize()
              + ", length="
              + length
              + ", context="
              + model.context());
    }
    array[id.offset()] = token;
    array[position.offset()] = length;
    id.upload();
    position.upload();
    buffer.run();
    length++;
  }

  /** The host's array, in which the logits of the last {@link #predict} lie. */
  float[] array() {
    return array;
  }

  /** Where the V logits of the last {@link #predict} start. */
  int logitsOffset() {
    return logits.offset();
  }

  private CommandBuffer record(
      DeviceMemory memory, Arena arena, DecoderPlan plan, boolean withLogits) {
    int width = model.width();
    Gpt2Layers layers = new Gpt2Layers(model, 1);
    CommandRecorder recorder = memory.record(withLogits ? "predict" : "advance");
    Span stream = arena.span(plan.stream(), width);
    Span norm = arena.span(plan.norm(), width);
    Span stats = arena.span(plan.stats(), 2);
    Embedding.forwardAt(
        recorder, 1, width, id, position, weights.tokens(), weights.positions(), stream);
    for (int layer = 0; layer < model.layers(); layer++) {
      Gpt2Tensors.Block block = weights.blocks().get(layer);
      layers.normalize(recorder, stream, block.norm1Weight(), block.norm1Bias(), norm, stats);
      Span qkv = arena.span(plan.qkv(), 3 * width);
      layers.linear(
          recorder, norm, block.qkvWeight(), block.qkvBias(), null, qkv, width, 3 * width);
      int cache = model.context() * width;
      Span keys = arena.span(plan.caches() + 2 * layer * cache, cache);
      Span values = arena.span(plan.caches() + (2 * layer + 1) * cache, cache);
      Span attention = arena.span(plan.attention(), width);
      Attention.decode(
          recorder,
          model.context(),
          model.heads(),
          model.headSize(),
          qkv,
          keys,
          values,
          position,
          attention);
      Span middle = arena.span(plan.middle(), width);
      layers.linear(
          recorder,
          attention,
          block.attentionWeight(),
          block.attentionBias(),
          stream,
          middle,
          width,
          width);
      layers.normalize(recorder, middle, block.norm2Weight(), block.norm2Bias(), norm, stats);
      Span hidden = arena.span(plan.hidden(), 4 * width);
      layers.linear(
          recorder, norm, block.expandWeight(), block.expandBias(), null, hidden, width, 4 * width);
      Span activated = arena.span(plan.activated(), 4 * width);
      Gelu.forward(recorder, hidden, activated);
      layers.linear(
          recorder,
          activated,
          block.contractWeight(),
          block.contractBias(),
          middle,
          stream,
          4 * width,
          width);
    }
    if (withLogits) {
      layers.normalize(recorder, stream, weights.normWeight(), weights.normBias(), norm, stats);
      MatVec.record(
          recorder,
          MatMul.Layout.NT,
          new MatMul.Matrix(norm, width),
          new MatMul.Matrix(weights.tokens(), width),
          new MatMul.Matrix(logits, model.vocabularySize()),
          1,
          model.vocabularySize(),
          width,
          MatMul.Epilogue.NONE);
    }
    return recorder.finish();
  }
}
