package io.shardfire.worker.inspect;

import io.shardfire.worker.tokenizer.Tokenizer;
import java.util.Arrays;

/** How many bytes of text each token stands for, looked up when it is first met. */
final class ByteLengths {
  private static final int UNKNOWN = -1;

  private final Tokenizer tokenizer;
  private final int[] lengths;

  ByteLengths(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
    this.lengths = new int[tokenizer.vocabularySize()];
    Arrays.fill(lengths, UNKNOWN);
  }

  int of(int id) {
    if (lengths[id] == UNKNOWN) {
      lengths[id] = tokenizer.bytes(id).length;
    }
    return lengths[id];
  }
}
