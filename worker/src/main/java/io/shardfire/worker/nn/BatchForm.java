package io.shardfire.worker.nn;

/**
 * Which fields a batch of sequences has, by what a model reads and an objective asks.
 *
 * @param batch sequences
 * @param time tokens of each
 * @param source tokens of each that an encoder reads besides; 0 where there is no second sequence
 * @param weighted whether rows count differently in the loss
 * @param documents whether a token sees an interval of its sequence only: its document of several
 *     in one sequence, or what is not padding
 * @param segments whether tokens are told apart by the sentence they belong to
 * @param labelled whether each sequence has a class to be predicted
 */
public record BatchForm(
    int batch,
    int time,
    int source,
    boolean weighted,
    boolean documents,
    boolean segments,
    boolean labelled) {
  /** Checks the sizes. */
  public BatchForm {
    if (batch < 1 || time < 1 || source < 0) {
      throw new IllegalArgumentException(
          "A batch has at least one token of one sequence: batch="
              + batch
              + ", time="
              + time
              + ", source="
              + source);
    }
  }

  /** Sequences that are full of tokens which all count: ids, and a target for each. */
  public static BatchForm plain(int batch, int time) {
    return plain(batch, time, 0);
  }

  /** The same beside sources. */
  public static BatchForm plain(int batch, int time, int source) {
    return new BatchForm(batch, time, source, false, false, false, false);
  }

  /** M, rows of the sequences that a loss is computed for. */
  public int rows() {
    return Math.multiplyExact(batch, time);
  }

  /** Rows of the sequences that an encoder reads besides. */
  public int sourceRows() {
    return Math.multiplyExact(batch, source);
  }
}
