package io.shardfire.worker.data;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.zip.CRC32C;

/**
 * Writes one token shard: header (format version, id width, vocabulary size and hash), ids, and a
 * footer with token and document counts and a CRC32C; {@link TokenShardFormat} draws the layout.
 * Not thread-safe.
 *
 * <p>After a failure, {@link #close()} closes the stream without the footer, so that no reader
 * takes the file for whole.
 */
public final class TokenShardWriter implements Closeable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final OutputStream out;
  private final int vocabularySize;
  private final int idBytes;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C checksum = new CRC32C();
  private long tokens;
  private long documents;
  private boolean broken;
  private boolean closed;

  private TokenShardWriter(OutputStream out, int vocabularySize, String vocabularyHash) {
    this.out = out;
    this.vocabularySize = vocabularySize;
    this.idBytes = TokenShardFormat.idBytes(vocabularySize);
    buffer.put(TokenShardFormat.header(vocabularySize, vocabularyHash));
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
    if (closed || broken) {
      throw new IllegalStateException(
          "The token shard takes no more documents: closed=" + closed + ", broken=" + broken);
    }
    for (int i = 0; i < count; i++) {
      int id = ids[i];
      if (id < 0 || id >= vocabularySize) {
        broken = true;
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
      if (buffer.remaining() < idBytes) {
        drain();
      }
      if (idBytes == Short.BYTES) {
        buffer.putShort((short) id);
      } else {
        buffer.putInt(id);
      }
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
    try (OutputStream closing = out) {
      if (!broken) {
        drain();
        closing.write(TokenShardFormat.footer(tokens, documents, checksum).array());
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private void drain() {
    try {
      checksum.update(buffer.array(), 0, buffer.position());
      out.write(buffer.array(), 0, buffer.position());
      buffer.clear();
    } catch (IOException e) {
      broken = true;
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
