package io.shardfire.worker.data;

import java.util.List;

/**
 * The index.json of a prepared corpus; written last, so that a folder without it is not a corpus.
 */
public record TokenIndex(
    int formatVersion,
    String tokenizer,
    int vocabularySize,
    String vocabularyHash,
    String source,
    List<Shard> shards) {
  /** Copies. */
  public TokenIndex {
    shards = List.copyOf(shards);
  }

  /** One shard file, in reading order. */
  public record Shard(String file, TokenSplit split, long tokens, long documents, long bytes) {}
}
