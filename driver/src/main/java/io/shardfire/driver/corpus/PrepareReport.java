package io.shardfire.driver.corpus;

import io.shardfire.driver.source.SourceCounts;
import java.util.List;

/**
 * What a preparation produced.
 *
 * @param output qualified path of the prepared folder
 * @param sources what became of the rows of each source; empty where files of text were read
 * @param files input files with at least one byte; of rows those that were staged
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
    List<SourceCounts> sources,
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
    sources = List.copyOf(sources);
    skipped = List.copyOf(skipped);
  }
}
