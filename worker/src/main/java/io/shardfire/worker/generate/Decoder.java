package io.shardfire.worker.generate;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.kernels.device.Pages;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.WeightFormat;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.program.Placement;
import io.shardfire.worker.program.Program;
import io.shardfire.worker.program.ProgramRecorder;
import java.util.Arrays;
import java.util.List;

/**
 * A decoder with a cache of the keys and values of its sequences, and of the sources of an
 * encoder-decoder. Prompts are computed in chunks of up to 256 tokens, so that memory does not grow
 * with them, or beside a source token by token; a step computes one token of each sequence. V
 * vocabulary. Confined to one thread.
 */
public final class Decoder implements DecodingSession {
  private final ModelConfiguration model;
  private final List<PromptPass> prompts;
  private final Span ids;
  private final Span positions;
  private final Span logits;
  private final CommandBuffer step;
  private final CacheCopy copy;

  /** Null where no source is read. */
  private final SourceMemory sources;

  private final int[] lengths;
  private final WeightPlan weights;

  private Decoder(
      ModelConfiguration model,
      DecoderPrograms programs,
      WeightPlan weights,
      ProgramRecorder recorder) {
    this.model = model;
    this.weights = weights;
    this.lengths = new int[programs.slots()];
    this.prompts =
        programs.prompts().stream().map(prompt -> new PromptPass(prompt, recorder)).toList();
    TokenBatch batch = programs.decoding().batch();
    this.ids = recorder.span(batch.ids());
    this.positions = recorder.span(batch.position());
    this.logits = recorder.span(programs.logits());
    this.step = recorder.record("step", programs.decoding().program().operations(), false);
    this.copy = new CacheCopy(programs.copy(), recorder);
    this.sources = model.hasSource() ? new SourceMemory(model, programs, recorder) : null;
  }

  /** Appends many tokens to a sequence. */
  private static final class PromptPass {
    private final int rows;
    private final Span ids;
    private final Span start;
    private final Span end;
    private final Span slot;
    private final CommandBuffer buffer;

    PromptPass(DecoderPrograms.Part part, ProgramRecorder recorder) {
      TokenBatch batch = part.batch();
      rows = batch.time();
      ids = recorder.span(batch.ids());
      start = recorder.span(batch.position());
      end = recorder.span(batch.cached().end());
      slot = recorder.span(batch.cached().sequence());
      buffer = recorder.record("prompt", part.program().operations(), false);
    }
  }

  /**
   * Allocates the model.
   *
   * @param slots sequences to compute side by side
   * @param format of the matrices that are multiplied by. Other tensors stay in fp32, as does the
   *     weight of a recurrent layer's state; rows of a table of tokens that the head shares become
   *     floats as they are looked up
   * @throws io.shardfire.kernels.device.ComputeException when the caches do not fit into memory
   * @throws IllegalArgumentException when a weight to be quantised is not finite, naming its tensor
   */
  public static Decoder create(
      ModelConfiguration model,
      int slots,
      ComputeContext compute,
      WeightFormat format,
      WeightSource source) {
    DecoderPrograms programs = DecoderPrograms.of(model, slots, format);
    List<Program> all = programs.parts().stream().map(DecoderPrograms.Part::program).toList();
    PageSize size = PageSize.configured();
    Placement placement = Placement.of(size, programs.copyFields(), all);
    DeviceMemory memory = compute.newMemory();
    WeightPlan plan = WeightPlan.of(size, Architecture.units(model), all);
    StoredWeights weights = plan.in(memory.allocate("parameters", plan.pages()));
    Pages activations = memory.allocate("decoder", placement.pages());
    weights.read(source);
    ProgramRecorder recorder = weights.recorder(memory, placement, activations);
    for (DecoderPrograms.Part part : programs.parts()) {
      part.constants().forEach(table -> table.content().accept(recorder.span(table.value())));
    }
    return new Decoder(model, programs, plan, recorder);
  }

  /** Bytes that all weights take. */
  public long weightBytes() {
    return weights.bytes();
  }

  /** Bytes of the weights that a step reads, all but the tables that it takes single rows of. */
  public long weightBytesOfStep() {
    return weights.bytesOfStep(model.tiedEmbeddings());
  }

  @Override
  public int slots() {
    return lengths.length;
  }

  @Override
  public int context() {
    return model.context();
  }

  @Override
  public int vocabularySize() {
    return model.vocabularySize();
  }

  @Override
  public int length(int slot) {
    return lengths[slot];
  }

  @Override
  public void fill(int slot, int[] tokens, int from, int to) {
    lengths[slot] = 0;
    if (prompts.isEmpty()) {
      fillByStep(slot, tokens, from, to);
      return;
    }
    int next = from;
    while (next < to) {
      PromptPass pass = passFor(to - next);
      int count = Math.min(pass.rows, to - next);
      for (int row = 0; row < count; row++) {
        pass.ids.set(row, checked(slot, tokens[next + row], row));
      }
      pass.slot.set(0, slot);
      pass.start.set(0, lengths[slot]);
      pass.end.set(0, lengths[slot] + count);
      pass.ids.upload();
      pass.slot.upload();
      pass.start.upload();
      pass.end.upload();
      pass.buffer.run();
      lengths[slot] += count;
      next += count;
    }
  }

  private void fillByStep(int slot, int[] tokens, int from, int to) {
    int[] next = new int[lengths.length];
    Arrays.fill(next, IDLE);
    for (int i = from; i < to; i++) {
      next[slot] = tokens[i];
      step(next);
    }
  }

  /** The largest pass that so many tokens fill, or else the smallest. */
  private PromptPass passFor(int tokens) {
    for (PromptPass pass : prompts) {
      if (pass.rows <= tokens) {
        return pass;
      }
    }
    return prompts.get(prompts.size() - 1);
  }

  @Override
  public void encode(int slot, int... source) {
    if (sources == null) {
      throw new IllegalArgumentException(
          "Only an encoder-decoder reads a source: kind=" + model.kind());
    }
    sources.encode(slot, source);
  }

  @Override
  public void copy(int from, int to) {
    copy.run(from, to, lengths[from]);
    lengths[to] = lengths[from];
    if (sources != null) {
      sources.copy(from, to);
    }
  }

  @Override
  public void step(int[] tokens) {
    for (int slot = 0; slot < lengths.length; slot++) {
      boolean idle = tokens[slot] == IDLE;
      ids.set(slot, idle ? 0 : checked(slot, tokens[slot], 0));
      positions.set(slot, idle ? IDLE : lengths[slot]);
    }
    ids.upload();
    positions.upload();
    step.run();
    logits.download();
    for (int slot = 0; slot < lengths.length; slot++) {
      lengths[slot] += tokens[slot] == IDLE ? 0 : 1;
    }
  }

  private int checked(int slot, int token, int ahead) {
    if (token < 0 || token >= model.vocabularySize() || lengths[slot] + ahead >= model.context()) {
      throw new IllegalArgumentException(
          "A token must be in the vocabulary and have room in the context: token="
              + token
              + ", vocabularySize="
              + model.vocabularySize()
              + ", length="
              + (lengths[slot] + ahead)
              + ", context="
              + model.context());
    }
    return token;
  }

  @Override
  public float[] logits() {
    return logits.arena().array();
  }

  @Override
  public int logitsOffset(int slot) {
    return logits.offset() + slot * model.vocabularySize();
  }
}
