package io.shardfire.driver.corpus;

import java.util.List;

/**
 * What a preparation produced.
 *
 * @param output qualified path of the prepared folder
 * @param files input files with at least one byte
 * @param skipped what the input leads to and was not read, in the order of paths
 * @param documents documents read; blank ones are not counted
 * @param textBytes UTF-8 bytes of the documents, without separators
 * @param trainTokens tokens in the training shards
 * @param validationTokens tokens in the validation shards
 * @param vocabularySize ids are below this
 * @param vocabularyHash as {@code Tokenizer.vocabularyHash()}
 * @param shards shard files of both splits
 * @param seconds wall time
 */
public record PrepareReport(
    String output,
    int files,
    List<SkippedInput> skipped,
    long documents,
    long textBytes,
    long trainTokens,
    long validationTokens,
    int vocabularySize,
    String vocabularyHash,
    int shards,
    double seconds) {
  /** Copies. */
  public PrepareReport {
    skipped = List.copyOf(skipped);
  }
}
