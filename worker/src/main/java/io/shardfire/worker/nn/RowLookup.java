package io.shardfire.worker.nn;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Elementwise;
import io.shardfire.kernels.ops.Embedding;

/** Rows of a matrix by their numbers, which are whole numbers as floats. */
final class RowLookup {
  private RowLookup() {}

  /** y[i] = table[numbers[i]], rows of {@code width} floats. */
  static void forward(CommandRecorder recorder, int width, Span numbers, Span table, Span y) {
    Embedding.forward(recorder, numbers.length(), 1, width, numbers, table, null, y);
  }

  /** dtable[numbers[i]] += dy[i], after zeros unless it {@code adds}. */
  static void backward(
      CommandRecorder recorder, int width, Span numbers, Span dy, Span dtable, boolean adds) {
    if (!adds) {
      Elementwise.fill(recorder, dtable, 0);
    }
    Embedding.backward(recorder, numbers.length(), 1, width, numbers, dy, dtable, null, false);
  }
}
