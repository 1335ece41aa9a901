package io.shardfire.worker.nn;

import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;

/**
 * Keys and values of the sources of each block's cross attention, side by side, which last from
 * pass to pass: those of each sequence, and behind them those of the source encoded last, which the
 * host has copied to its sequence.
 *
 * <pre>
 *   [(sequences + 1) * source, 2GS]
 * </pre>
 *
 * @param batch how many sequences there are, and how long a source may be
 */
public record SourceCache(TokenBatch batch) {

  /** Those of all sequences. */
  Value ofSequences(Recording r, int width) {
    return all(r, width).slice(0, firstEncoded());
  }

  /** Where a pass over a source of so many rows puts them. */
  Value ofEncoded(Recording r, int width, int rows) {
    return all(r, width).slice(firstEncoded(), rows);
  }

  private Value all(Recording r, int width) {
    int rows = Math.addExact(firstEncoded(), batch.cached().source());
    return r.state("source kv", rows, width);
  }

  private int firstEncoded() {
    return Math.multiplyExact(batch.cached().count(), batch.cached().source());
  }
}
