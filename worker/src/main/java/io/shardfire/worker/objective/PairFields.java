package io.shardfire.worker.objective;

import io.shardfire.worker.nn.BatchSpans;

/**
 * The fields of one sequence of an encoder-decoder, once source ids and targets are written. The
 * decoder reads the targets one later, and before the first of them padding, as T5's and Marian's
 * do:
 *
 * <pre>
 *   source ids   a  b  end  padding ...
 *   targets      x  y  end  ignored ...
 *   ids          padding  x  y  padding ...
 * </pre>
 */
final class PairFields {
  private PairFields() {}

  /**
   * Writes ids, weights, the intervals of what is seen, and padding.
   *
   * @param sourceLength ids of the source that are written, at least 1
   * @param targetLength targets that are written
   */
  static void finish(
      BatchSpans batch, int row, int padding, int sourceLength, int targetLength, double scale) {
    int source = batch.form().source();
    int time = batch.form().time();
    int sourceBase = row * source;
    int base = row * time;
    batch.sourceIds().fill(sourceBase + sourceLength, sourceBase + source, padding);
    Fields.see(batch.sourceVisible(), sourceBase, sourceBase + source, 0, sourceLength);
    Fields.see(batch.crossVisible(), base, base + time, 0, sourceLength);
    batch.ids().set(base, padding);
    for (int i = 1; i < time; i++) {
      float id = i <= targetLength ? batch.targets().get(base + i - 1) : padding;
      batch.ids().set(base + i, id);
    }
    batch.targets().fill(base + targetLength, base + time, Fields.IGNORED);
    if (batch.weights() != null) {
      batch.weights().fill(base, base + targetLength, (float) scale);
      batch.weights().fill(base + targetLength, base + time, 0);
    }
  }
}
