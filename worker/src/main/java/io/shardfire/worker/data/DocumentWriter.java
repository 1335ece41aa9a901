package io.shardfire.worker.data;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes where the documents of one token shard end; {@link DocumentFile} draws the layout. Not
 * thread-safe. After a failure, {@link #close()} leaves the footer out.
 */
public final class DocumentWriter implements Closeable {
  private final EntryWriter entries;
  private long documents;
  private long end;
  private boolean closed;

  private DocumentWriter(OutputStream out) {
    this.entries = new EntryWriter(out, DocumentFile.header(), Integer.BYTES);
  }

  /**
   * Begins a file.
   *
   * @param out closed by {@link #close()}; need not be buffered
   */
  public static DocumentWriter create(OutputStream out) {
    return new DocumentWriter(out);
  }

  /**
   * Appends one document.
   *
   * @param end tokens of the shard up to its end
   * @throws DataException when the shard is too large, or the stream fails
   */
  public void document(long end) {
    if (closed || entries.broken() || end < this.end) {
      throw new IllegalStateException(
          "The file takes no such document: closed="
              + closed
              + ", broken="
              + entries.broken()
              + ", end="
              + end
              + ", end of the one before="
              + this.end);
    }
    if (end > DocumentFile.LARGEST_END) {
      entries.spoil();
      throw new DataException(
          "A shard is too large to tell its documents apart; prepare with a smaller"
              + " tokensPerShard: tokens="
              + end
              + ", limit="
              + DocumentFile.LARGEST_END);
    }
    try {
      entries.put((int) end);
    } catch (IOException e) {
      throw failed(e);
    }
    this.end = end;
    documents++;
  }

  /** Writes the footer and closes the stream. @throws DataException when the stream fails */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      entries.close(checksum -> DocumentFile.footer(documents, end, checksum));
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private DataException failed(IOException e) {
    return new DataException(
        "Documents of a shard cannot be written: documents="
            + documents
            + ", problem="
            + e.getMessage(),
        e);
  }
}
