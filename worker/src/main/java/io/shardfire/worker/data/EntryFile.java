package io.shardfire.worker.data;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * What a file of whole numbers must be: a header of 64 bytes, entries of one width, and a footer of
 * 32 bytes with a checksum of all before it. Numbers are little-endian.
 */
interface EntryFile {
  int HEADER_BYTES = 64;
  int FOOTER_BYTES = 32;

  /** Entries. */
  long entries();

  /** Bytes of an entry: 2 or 4, unsigned. */
  int entryBytes();

  /**
   * Compares a header with what is expected.
   *
   * @throws DataException naming the file, the field, and both values
   */
  void checkHeader(String file, ByteBuffer header);

  /**
   * Compares a footer with what is expected.
   *
   * @param checksum of all before the footer; the footer's own fields are added
   * @throws DataException naming the file, the field, and both values
   */
  void checkFooter(String file, ByteBuffer footer, CRC32C checksum);

  /** Bytes of the whole file. */
  default long bytes() {
    return entries() * entryBytes() + HEADER_BYTES + FOOTER_BYTES;
  }
}
