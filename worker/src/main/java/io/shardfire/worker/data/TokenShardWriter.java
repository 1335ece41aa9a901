package io.shardfire.worker.data;

import java.io.Closeable;
import java.io.OutputStream;

/**
 * Writes one token shard: header (format version, id width, vocabulary hash, token and document
 * counts), ids, CRC32C.
 */
public final class TokenShardWriter implements Closeable {
  private TokenShardWriter() {}

  /**
   * Ids are written as 16 bits when {@code vocabularySize} is at most 65536, else 32,
   * little-endian.
   */
  public static TokenShardWriter create(
      OutputStream out, int vocabularySize, String vocabularyHash) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Appends one document. */
  public void document(int[] ids, int count) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Tokens so far. */
  public long tokens() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Documents so far. */
  public long documents() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Finishes the header or trailer and closes the stream. */
  @Override
  public void close() {
    throw new UnsupportedOperationException("skeleton");
  }
}
