package io.shardfire.worker.generate;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.PageAllocator;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.kernels.device.Pages;
import io.shardfire.kernels.device.Span;
import io.shardfire.sharding.collective.FloatRange;
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
import io.shardfire.worker.program.UnitPlacement;
import io.shardfire.worker.program.UnitSpans;
import io.shardfire.worker.program.Value;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * A model one token at a time, with the keys and values of earlier positions kept (batch 1). V
 * vocabulary. Confined to one thread.
 */
final class Decoder {
  private final ModelConfiguration model;
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
   * @param loader fills the units of the layout
   */
  static Decoder create(
      ModelConfiguration model,
      ComputeContext compute,
      BiConsumer<ShardLayout, List<FloatRange>> loader) {
    TokenBatch batch = TokenBatch.decoding(model.context());
    Value logits = Value.pinned("logits", 1, model.vocabularySize());
    LanguageModel modules = Architecture.of(model, batch);
    Program program = modules.recordDecoding(logits);
    ShardLayout layout = ShardLayout.of(program.units(), 1);
    PageSize size = PageSize.configured();
    Placement placement = Placement.of(size, List.of(), List.of(program));
    PageAllocator allocator = new PageAllocator(size);
    UnitPlacement units = UnitPlacement.units(allocator, layout);
    DeviceMemory memory = compute.newMemory();
    UnitSpans parameters = units.in(memory.allocate("parameters", allocator.plan()));
    Pages activations = memory.allocate("decoder", placement.pages());
    loader.accept(layout, parameters.onHost());
    // Not before all arenas are there.
    parameters.upload();
    ProgramRecorder recorder =
        new ProgramRecorder(memory, layout, parameters, null, placement, activations);
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
    id.arena().array()[id.offset()] = token;
    position.arena().array()[position.offset()] = length;
    id.upload();
    position.upload();
    buffer.run();
    length++;
  }

  /** The host's array, in which the logits of the last {@link #predict} lie. */
  float[] array() {
    return logits.arena().array();
  }

  /** Where the V logits of the last {@link #predict} start. */
  int logitsOffset() {
    return logits.offset();
  }
}
