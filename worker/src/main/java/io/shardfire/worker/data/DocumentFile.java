package io.shardfire.worker.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The documents of a shard, in a file beside it. In a corpus of pairs, sources and targets in turn.
 *
 * <pre>
 *   offset      bytes  header
 *   0           8      magic "SHFDOCUM"
 *   8           4      format version, 1
 *   12          52     zero
 *
 *   64          4*n    where each document ends, in tokens from the beginning of the shard; ascending
 *
 *   64+4*n      8      footer: document count n
 *   +8          8      token count of the shard, which is where the last one ends
 *   +16         4      CRC32C of everything before this field
 *   +20         4      zero
 *   +24         8      magic "MUCODFHS"
 * </pre>
 *
 * @param shard whose documents these are
 */
record DocumentFile(TokenIndex.Shard shard) implements EntryFile {
  /** Ends are unsigned numbers of 32 bits. */
  static final long LARGEST_END = (1L << 32) - 1;

  private static final int VERSION = 1;
  private static final long HEADER_MAGIC = TokenShardFormat.magic("SHFDOCUM");
  private static final long FOOTER_MAGIC = TokenShardFormat.magic("MUCODFHS");
  private static final int CRC_OFFSET = 16;

  static ByteBuffer header() {
    return ByteBuffer.allocate(HEADER_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(HEADER_MAGIC)
        .putInt(VERSION)
        .clear();
  }

  /** Adds the counts to the checksum of header and ends. */
  static ByteBuffer footer(long documents, long tokens, CRC32C checksum) {
    ByteBuffer footer = ByteBuffer.allocate(FOOTER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    footer.putLong(documents).putLong(tokens);
    checksum.update(footer.array(), 0, CRC_OFFSET);
    return footer.putInt((int) checksum.getValue()).putInt(0).putLong(FOOTER_MAGIC).clear();
  }

  @Override
  public long entries() {
    return shard.documents();
  }

  @Override
  public int entryBytes() {
    return Integer.BYTES;
  }

  @Override
  public void checkHeader(String file, ByteBuffer header) {
    header.order(ByteOrder.LITTLE_ENDIAN);
    TokenShardFormat.check(
        file,
        "magic",
        TokenShardFormat.text(HEADER_MAGIC),
        TokenShardFormat.text(header.getLong(0)));
    TokenShardFormat.check(file, "format version", VERSION, header.getInt(8));
  }

  @Override
  public void checkFooter(String file, ByteBuffer footer, CRC32C checksum) {
    footer.order(ByteOrder.LITTLE_ENDIAN);
    TokenShardFormat.check(
        file,
        "end mark",
        TokenShardFormat.text(FOOTER_MAGIC),
        TokenShardFormat.text(footer.getLong(24)));
    TokenShardFormat.check(file, "document count", shard.documents(), footer.getLong(0));
    TokenShardFormat.check(file, "token count", shard.tokens(), footer.getLong(8));
    byte[] counts = new byte[CRC_OFFSET];
    footer.get(0, counts);
    checksum.update(counts);
    TokenShardFormat.check(
        file,
        "CRC32C",
        Integer.toHexString(footer.getInt(CRC_OFFSET)),
        Integer.toHexString((int) checksum.getValue()));
  }
}
