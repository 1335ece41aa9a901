package io.shardfire.worker.data;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Function;
import java.util.zip.CRC32C;

/** Writes an {@link EntryFile}, a buffer at a time. Not thread-safe. */
final class EntryWriter {
  private static final int BUFFER_BYTES = 1 << 16;

  private final OutputStream out;
  private final int entryBytes;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C checksum = new CRC32C();
  private boolean broken;

  EntryWriter(OutputStream out, ByteBuffer header, int entryBytes) {
    this.out = out;
    this.entryBytes = entryBytes;
    buffer.put(header);
  }

  /** Appends an entry that fits. */
  void put(int entry) throws IOException {
    if (buffer.remaining() < entryBytes) {
      drain();
    }
    if (entryBytes == Short.BYTES) {
      buffer.putShort((short) entry);
    } else {
      buffer.putInt(entry);
    }
  }

  /** No footer will be written, so that no reader takes the file for whole. */
  void spoil() {
    broken = true;
  }

  boolean broken() {
    return broken;
  }

  /**
   * Closes the stream, with the footer unless something has failed.
   *
   * @param footer adds to the checksum what stands before it
   */
  void close(Function<CRC32C, ByteBuffer> footer) throws IOException {
    try (OutputStream closing = out) {
      if (!broken) {
        drain();
        closing.write(footer.apply(checksum).array());
      }
    }
  }

  private void drain() throws IOException {
    try {
      checksum.update(buffer.array(), 0, buffer.position());
      out.write(buffer.array(), 0, buffer.position());
      buffer.clear();
    } catch (IOException e) {
      broken = true;
      throw e;
    }
  }
}
