package io.shardfire.worker.data;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** A prepared corpus (token shards with their index), read by global token position. */
public final class TokenDataset implements AutoCloseable {
  private TokenDataset() {}

  /**
   * Opens the index, checks headers, sizes and the vocabulary hash. Split data is read once and
   * kept as 16- or 32-bit ids in memory, or mapped when local.
   */
  public static TokenDataset open(Configuration configuration, Path folder) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Text of the folder's tokenizer.json. */
  public String tokenizerJson() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** As {@code Tokenizer.vocabularyHash()}. */
  public String vocabularyHash() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Ids are below this. */
  public int vocabularySize() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Tokens in a split. */
  public long tokens(TokenSplit split) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Writes {@code length} ids from position {@code from} as floats (whole numbers). */
  public void read(TokenSplit split, long from, float[] destination, int offset, int length) {
    throw new UnsupportedOperationException("skeleton");
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException("skeleton");
  }
}
