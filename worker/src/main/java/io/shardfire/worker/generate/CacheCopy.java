package io.shardfire.worker.generate;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.CachedAttention;
import io.shardfire.worker.program.ProgramRecorder;
import io.shardfire.worker.program.Value;
import java.util.List;

/** Copies what a cache has of one sequence over what it has of another. */
final class CacheCopy {
  private final int sequences;
  private final Span sources;
  private final Span lengths;
  private final CommandBuffer buffer;

  CacheCopy(Parts parts, ProgramRecorder recorder) {
    this.sequences = parts.sequences();
    this.sources = recorder.span(parts.sources());
    this.lengths = recorder.span(parts.lengths());
    CommandRecorder copying = recorder.memory().record("copy");
    for (Value value : parts.values()) {
      CachedAttention.copy(
          copying,
          recorder.span(value),
          sequences,
          value.rows() / sequences,
          value.columns(),
          sources,
          lengths);
    }
    this.buffer = copying.finish();
  }

  /**
   * What is copied.
   *
   * @param values of the cache, each with the same rows for every sequence
   * @param sources the sequence that each is to become a copy of [sequences,1]
   * @param lengths rows that are copied [sequences,1]
   */
  record Parts(List<Value> values, int sequences, Value sources, Value lengths) {
    static Parts of(String name, List<Value> values, int sequences) {
      return new Parts(
          values,
          sequences,
          Value.pinned(name + " copy sources", sequences, 1),
          Value.pinned(name + " copy lengths", sequences, 1));
    }

    List<Value> fields() {
      return List.of(sources, lengths);
    }
  }

  /** Copies the first rows of a sequence. */
  void run(int from, int to, int rows) {
    for (int sequence = 0; sequence < sequences; sequence++) {
      sources.set(sequence, sequence == to ? from : sequence);
      lengths.set(sequence, rows);
    }
    sources.upload();
    lengths.upload();
    buffer.run();
  }
}
