package io.shardfire.driver.plan;

import io.shardfire.worker.data.TokenIndex;
import io.shardfire.worker.data.TokenShardWriter;
import io.shardfire.worker.data.TokenSplit;
import java.io.ByteArrayOutputStream;

/** Entries of a token index for tests. */
final class SampleShards {
  private SampleShards() {}

  /** As a writer would make it for 101 ids. */
  static TokenIndex.Shard shard(String file, TokenSplit split, long tokens) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TokenShardWriter writer = TokenShardWriter.create(bytes, 101, "ab".repeat(32))) {
      writer.document(new int[Math.toIntExact(tokens)], Math.toIntExact(tokens));
    }
    return new TokenIndex.Shard(file, split, tokens, 1, bytes.size());
  }
}
