package io.shardfire.worker.objective;

import io.shardfire.worker.nn.BatchSpans;

/**
 * What an encoder reads: one or two sentences between special tokens, and padding.
 *
 * <pre>
 *   [CLS] a a a ... [SEP]
 *   [CLS] a a a ... [SEP] b b ... [SEP] [PAD] ...
 * </pre>
 */
interface Passages {
  /** Tokens of the corpus in a sequence: a function of lengths alone. */
  int tokens(long sequence);

  /** The key of all that is drawn for a sequence. */
  long key(long sequence);

  /**
   * Writes ids, what is seen, segments and labels.
   *
   * @param places where in the sequence the tokens of the corpus are; its first {@link #tokens}
   *     elements are written
   */
  void write(long sequence, int row, BatchSpans batch, int[] places);
}
