package io.shardfire.worker.data;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/** One pass over a file that compares it with what it must be, and its checksum. */
final class ShardVerification {
  private ShardVerification() {}

  /** A part of the file; parts are asked for in order, without gaps. */
  interface Source {
    ByteBuffer part(long position, int length) throws IOException;
  }

  /**
   * Reads the whole file.
   *
   * @param expected what the file must be
   * @param partBytes entries are read in parts of this size, but for the last
   * @param entries takes each part of the entries, little-endian
   * @throws DataException when the file is something else: names file, expected, actual
   */
  static void run(
      String file, EntryFile expected, Source source, int partBytes, Consumer<ByteBuffer> entries)
      throws IOException {
    try {
      CRC32C checksum = new CRC32C();
      ByteBuffer header = source.part(0, EntryFile.HEADER_BYTES);
      expected.checkHeader(file, header);
      checksum.update(header.rewind());
      long end = expected.bytes() - EntryFile.FOOTER_BYTES;
      long position = EntryFile.HEADER_BYTES;
      while (position < end) {
        ByteBuffer part = source.part(position, (int) Math.min(partBytes, end - position));
        position += part.remaining();
        checksum.update(part.duplicate());
        entries.accept(part.order(ByteOrder.LITTLE_ENDIAN));
      }
      ByteBuffer footer = source.part(end, EntryFile.FOOTER_BYTES);
      expected.checkFooter(file, footer, checksum);
    } catch (EOFException e) {
      throw new DataException(
          "Token shard is shorter than its file system says: file="
              + file
              + ", expected bytes="
              + expected.bytes(),
          e);
    }
  }
}
