package io.shardfire.worker.data;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** A token shard as the index says it is; {@link TokenShardFormat} draws the layout. */
record TokenFile(TokenIndex index, TokenIndex.Shard shard) implements EntryFile {
  @Override
  public long entries() {
    return shard.tokens();
  }

  @Override
  public int entryBytes() {
    return TokenShardFormat.idBytes(index.vocabularySize());
  }

  @Override
  public void checkHeader(String file, ByteBuffer header) {
    TokenShardFormat.checkHeader(file, header, index);
  }

  @Override
  public void checkFooter(String file, ByteBuffer footer, CRC32C checksum) {
    TokenShardFormat.checkFooter(file, footer, shard, checksum);
  }
}
