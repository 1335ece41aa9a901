package io.shardfire.worker.objective;

import io.shardfire.worker.data.DataException;
import io.shardfire.worker.nn.BatchSpans;

/** The special tokens around what an encoder reads. */
record PassageFields(int begin, int separator, int padding, int time) {
  /** Special tokens of one sentence. */
  static final int SPECIAL = 2;

  private static final int SHORTEST = 5;

  /**
   * The fields of sequences of {@code time} tokens.
   *
   * @throws DataException when the vocabulary lacks a token, or nothing fits between them
   */
  static PassageFields of(Vocabulary vocabulary, int time) {
    if (time < SHORTEST) {
      throw new DataException(
          "A sequence has no room for two sentences between special tokens; set model.context to "
              + SHORTEST
              + " or more: context="
              + time);
    }
    return new PassageFields(
        vocabulary.begin(), vocabulary.separator(), vocabulary.padding("masked"), time);
  }

  /**
   * Writes what stands around one sentence, whose tokens stand from place 1 on.
   *
   * @param tokens of the sentence
   * @param places of the tokens
   * @return where the sequence ends
   */
  int around(BatchSpans batch, int row, int tokens, int[] places) {
    int base = row * time;
    for (int i = 0; i < tokens; i++) {
      places[i] = i + 1;
    }
    batch.ids().set(base, begin);
    batch.ids().set(base + tokens + 1, separator);
    return tokens + SPECIAL;
  }

  /** Fills the rest, which nothing sees, and hides it. */
  void pad(BatchSpans batch, int row, int length) {
    int base = row * time;
    batch.ids().fill(base + length, base + time, padding);
    Fields.see(batch.visible(), base, base + time, 0, length);
  }

  /** One sentence, and no class to predict. */
  void plain(BatchSpans batch, int row) {
    if (batch.segments() != null) {
      batch.segments().fill(row * time, (row + 1) * time, 0);
    }
    if (batch.labels() != null) {
      batch.labels().set(row, Fields.IGNORED);
    }
  }
}
