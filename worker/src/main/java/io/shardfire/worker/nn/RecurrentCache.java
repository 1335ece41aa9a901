package io.shardfire.worker.nn;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.RecurrentCell;
import io.shardfire.kernels.ops.RecurrentStates;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Spans;
import io.shardfire.worker.program.Value;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * States of a recurrent layer that last from pass to pass of decoding: a row for each sequence,
 * however many tokens it has. What may be null is so where {@link RecurrentStates} says.
 */
record RecurrentCache(
    int sequences, Value hidden, Value cells, Value sequence, Value starts, Value ends) {

  /** The states in this scope, of the sequences that a pass goes on with. */
  static RecurrentCache of(Recording r, TokenBatch batch, RecurrentCell cell, int width) {
    TokenBatch.Cached cached = batch.cached();
    boolean one = r.pass().decodesOne();
    return new RecurrentCache(
        cached.count(),
        r.state("hidden", cached.count(), width),
        cell == RecurrentCell.LSTM ? r.state("cells", cached.count(), width) : null,
        one ? null : cached.sequence(),
        batch.position(),
        one ? null : cached.end());
  }

  List<Operand> reads() {
    return present(hidden, cells, sequence, starts, ends);
  }

  List<Operand> writes() {
    return present(hidden, cells);
  }

  RecurrentStates states(Spans spans) {
    return new RecurrentStates(
        sequences,
        spans.of(hidden),
        spanOf(spans, cells),
        spanOf(spans, sequence),
        spans.of(starts),
        spanOf(spans, ends));
  }

  /** What is not null. */
  static List<Operand> present(Operand... operands) {
    return Stream.of(operands).filter(Objects::nonNull).toList();
  }

  /** Where a value lies that may be null. */
  static Span spanOf(Spans spans, Value value) {
    return value == null ? null : spans.of(value);
  }
}
