package io.shardfire.worker.generate;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.OffsetAllocator;
import io.shardfire.kernels.device.Span;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.nn.LanguageModel;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.program.Operation;
import io.shardfire.worker.program.Placement;
import io.shardfire.worker.program.Program;
import io.shardfire.worker.program.ProgramRecorder;
import io.shardfire.worker.program.Stage;
import io.shardfire.worker.program.Value;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * A model one token at a time, with the keys and values of earlier positions kept (batch 1). V
 * vocabulary. Confined to one thread.
 */
final class Decoder {
  private final ModelConfiguration model;
  private final float[] array;
  private final Span id;
  private final Span position;
  private final Span logits;
  private final CommandBuffer advance;
  private final CommandBuffer predict;
  private int length;

  private Decoder(
      ModelConfiguration model,
      ProgramRecorder recorder,
      Program program,
      TokenBatch batch,
      Value logits) {
    this.model = model;
    this.array = recorder.activations().array();
    this.id = recorder.span(batch.ids());
    this.position = recorder.span(batch.position());
    this.logits = recorder.span(logits);
    // Whoever wants no prediction needs no head, which is the last stage.
    List<Stage> stages = program.stages();
    List<Operation> withoutHead =
        stages.subList(0, stages.size() - 1).stream()
            .flatMap(stage -> stage.operations().stream())
            .toList();
    this.advance = recorder.record("advance", withoutHead, false);
    this.predict = recorder.record("predict", program.operations(), false);
  }

  /**
   * Allocates the model.
   *
   * @param loader fills the parameter array of the layout
   */
  static Decoder create(
      ModelConfiguration model, ComputeContext compute, BiConsumer<ShardLayout, float[]> loader) {
    TokenBatch batch = TokenBatch.decoding(model.context());
    Value logits = Value.pinned("logits", 1, model.vocabularySize());
    LanguageModel modules = Architecture.of(model, batch);
    Program program = modules.recordDecoding(logits);
    ShardLayout layout = ShardLayout.of(program.units(), 1, OffsetAllocator.firstOffset());
    OffsetAllocator allocator = new OffsetAllocator();
    Placement placement = Placement.of(allocator, List.of(), List.of(program));
    DeviceMemory memory = compute.newMemory();
    Arena parameters = memory.allocate("parameters", (long) layout.base() + layout.length());
    Arena activations = memory.allocate("decoder", allocator.size());
    loader.accept(layout, parameters.array());
    // Not before all arenas are there.
    parameters.span(0, parameters.size()).upload();
    ProgramRecorder recorder =
        new ProgramRecorder(memory, layout, placement, parameters, null, activations);
    modules.constants().forEach(table -> table.content().accept(recorder.span(table.value())));
    return new Decoder(model, recorder, program, batch, logits);
  }

  /** Tokens consumed so far. */
  int length() {
    return length;
  }

  /** Forgets all tokens. */
  void reset() {
    length = 0;
  }

  /** Consumes a token; fewer than the context may have been consumed before. */
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
}
