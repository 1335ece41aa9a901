package io.shardfire.worker.data;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/**
 * Writes one token shard: header (format version, id width, vocabulary size and hash), ids, and a
 * footer with token and document counts and a CRC32C; {@link TokenShardFormat} draws the layout.
 * Not thread-safe.
 *
 * <p>After a failure, {@link #close()} closes the stream without the footer, so that no reader
 * takes the file for whole.
 */
public final class TokenShardWriter implements Closeable {
  private final EntryWriter entries;
  private final int vocabularySize;
  private long tokens;
  private long documents;
  private boolean closed;

  private TokenShardWriter(OutputStream out, int vocabularySize, String vocabularyHash) {
    this.vocabularySize = vocabularySize;
    this.entries =
        new EntryWriter(
            out,
            TokenShardFormat.header(vocabularySize, vocabularyHash),
            TokenShardFormat.idBytes(vocabularySize));
  }

  /**
   * Ids are written as 16 bits when {@code vocabularySize} is at most 65536, else 32,
   * little-endian.
   *
   * @param out closed by {@link #close()}; need not be buffered
   */
  public static TokenShardWriter create(
      OutputStream out, int vocabularySize, String vocabularyHash) {
    Objects.requireNonNull(out, "out");
    if (vocabularySize < 1) {
      throw new IllegalArgumentException(
          "A vocabulary has at least one id: vocabularySize=" + vocabularySize);
    }
    TokenShardFormat.checkHash(vocabularyHash);
    return new TokenShardWriter(out, vocabularySize, vocabularyHash);
  }

  /**
   * Appends one document: the first {@code count} ids.
   *
   * @throws IllegalArgumentException when an id is not below the vocabulary size
   * @throws DataException when the stream fails
   */
  public void document(int[] ids, int count) {
    Objects.checkFromIndexSize(0, count, ids.length);
    if (closed || entries.broken()) {
      throw new IllegalStateException(
          "The token shard takes no more documents: closed="
              + closed
              + ", broken="
              + entries.broken());
    }
    for (int i = 0; i < count; i++) {
      int id = ids[i];
      if (id < 0 || id >= vocabularySize) {
        entries.spoil();
        throw new IllegalArgumentException(
            "Token id outside the vocabulary: id="
                + id
                + ", position="
                + i
                + ", document="
                + documents
                + ", vocabularySize="
                + vocabularySize);
      }
      put(id);
    }
    tokens += count;
    documents++;
  }

  /** Tokens so far. */
  public long tokens() {
    return tokens;
  }

  /** Documents so far. */
  public long documents() {
    return documents;
  }

  /** Bytes of the finished file with the documents so far. */
  public long bytes() {
    return TokenShardFormat.fileBytes(tokens, vocabularySize);
  }

  /** Writes the footer and closes the stream. @throws DataException when the stream fails */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      entries.close(checksum -> TokenShardFormat.footer(tokens, documents, checksum));
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private void put(int id) {
    try {
      entries.put(id);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private DataException failed(IOException e) {
    return new DataException(
        "Token shard cannot be written: tokens="
            + tokens
            + ", documents="
            + documents
            + ", problem="
            + e.getMessage(),
        e);
  }
}
