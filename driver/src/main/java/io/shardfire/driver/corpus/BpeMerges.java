package io.shardfire.driver.corpus;

import io.shardfire.worker.tokenizer.TokenizerJson.Merge;
import java.util.List;

/**
 * What byte pair encoding learned.
 *
 * @param vocabulary tokens in id order, in the letters of {@code ByteLevel}
 * @param merges in the order in which they apply
 */
record BpeMerges(List<String> vocabulary, List<Merge> merges) {
  BpeMerges {
    vocabulary = List.copyOf(vocabulary);
    merges = List.copyOf(merges);
  }
}
