package io.shardfire.worker.generate;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.Span;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.program.ProgramRecorder;
import java.util.Arrays;
import java.util.List;

/**
 * What an encoder-decoder's slots have of their sources. A source is encoded once, by the smallest
 * pass that has room for it, and behind the slots; then it is copied to its slot.
 */
final class SourceMemory {
  private final ModelConfiguration model;
  private final List<EncodingPass> passes;
  private final CacheCopy copy;
  private final Span first;
  private final Span end;

  /** Which encoding each slot has, so that none is copied to where it is. */
  private final long[] encodings;

  private long encoded;

  SourceMemory(ModelConfiguration model, DecoderPrograms programs, ProgramRecorder recorder) {
    this.model = model;
    this.passes =
        programs.encoders().stream().map(part -> new EncodingPass(part, recorder)).toList();
    this.copy = new CacheCopy(programs.sourceCopy(), recorder);
    TokenBatch.Interval visible = programs.decoding().batch().crossVisible();
    this.first = recorder.span(visible.first());
    this.end = recorder.span(visible.end());
    this.encodings = new long[programs.slots()];
    for (int slot = 0; slot < encodings.length; slot++) {
      see(slot, 0);
    }
    first.upload();
    end.upload();
  }

  /** Encodes sources up to a length. */
  private static final class EncodingPass {
    private final int rows;
    private final Span ids;
    private final Span first;
    private final Span end;
    private final CommandBuffer buffer;

    EncodingPass(DecoderPrograms.Part part, ProgramRecorder recorder) {
      TokenBatch batch = part.batch();
      rows = batch.form().source();
      ids = recorder.span(batch.sourceIds());
      first = recorder.span(batch.sourceVisible().first());
      end = recorder.span(batch.sourceVisible().end());
      buffer = recorder.record("encode", part.program().operations(), false);
    }

    void run(int... source) {
      for (int row = 0; row < rows; row++) {
        ids.set(row, row < source.length ? source[row] : 0);
        first.set(row, 0);
        end.set(row, source.length);
      }
      ids.upload();
      first.upload();
      end.upload();
      buffer.run();
    }
  }

  /** Gives a slot a source. */
  void encode(int slot, int... source) {
    if (source.length < 1
        || source.length > model.source()
        || Arrays.stream(source).anyMatch(id -> id < 0 || id >= model.vocabularySize())) {
      throw new IllegalArgumentException(
          "A source has tokens of the vocabulary, at least one and at most the source's context:"
              + " tokens="
              + source.length
              + ", sourceContext="
              + model.source()
              + ", vocabularySize="
              + model.vocabularySize());
    }
    passFor(source.length).run(source);
    copy.run(encodings.length, slot, source.length);
    encodings[slot] = ++encoded;
    see(slot, source.length);
    end.upload();
  }

  private EncodingPass passFor(int tokens) {
    EncodingPass smallest = passes.get(0);
    for (EncodingPass pass : passes) {
      if (pass.rows >= tokens) {
        smallest = pass;
      }
    }
    return smallest;
  }

  /** Gives a slot the source of another. */
  void copy(int from, int to) {
    if (encodings[from] == encodings[to]) {
      return;
    }
    int length = (int) end.get(from);
    copy.run(from, to, length);
    encodings[to] = encodings[from];
    see(to, length);
    end.upload();
  }

  private void see(int slot, int length) {
    first.set(slot, 0);
    end.set(slot, length);
  }
}
