package io.shardfire.worker.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * The layout of a token shard. Counts stand in a footer, because output streams of distributed file
 * systems cannot go back. All numbers are little-endian.
 *
 * <pre>
 *   offset      bytes  header
 *   0           8      magic "SHFTOKEN"
 *   8           4      format version, 1
 *   12          4      id width w in bytes: 2 (unsigned) or 4
 *   16          4      vocabulary size v; w is 2 where v is at most 65536
 *   20          12     zero
 *   32          32     vocabulary hash (SHA-256)
 *
 *   64          n*w    ids of all documents, one after the other, each in [0, v)
 *
 *   64+n*w      8      footer: token count n
 *   +8          8      document count
 *   +16         4      CRC32C of everything before this field
 *   +20         4      zero
 *   +24         8      magic "NEKOTFHS"
 * </pre>
 */
final class TokenShardFormat {
  static final int VERSION = 1;
  static final int HEADER_BYTES = EntryFile.HEADER_BYTES;
  static final int FOOTER_BYTES = EntryFile.FOOTER_BYTES;

  private static final long HEADER_MAGIC = magic("SHFTOKEN");
  private static final long FOOTER_MAGIC = magic("NEKOTFHS");
  private static final int HASH_OFFSET = 32;
  private static final int HASH_BYTES = 32;
  private static final int CRC_OFFSET = 16;
  private static final int LARGEST_SHORT_VOCABULARY = 1 << 16;

  private TokenShardFormat() {}

  /** Bytes of one id. */
  static int idBytes(int vocabularySize) {
    return vocabularySize <= LARGEST_SHORT_VOCABULARY ? Short.BYTES : Integer.BYTES;
  }

  /** Bytes of a whole shard file. */
  static long fileBytes(long tokens, int vocabularySize) {
    return Math.addExact(
        Math.multiplyExact(tokens, idBytes(vocabularySize)), HEADER_BYTES + FOOTER_BYTES);
  }

  /** Rejects what is not a SHA-256 in lower-case hex. */
  static void checkHash(String vocabularyHash) {
    if (!vocabularyHash.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "A vocabulary hash is a SHA-256 in lower-case hex: vocabularyHash=" + vocabularyHash);
    }
  }

  static ByteBuffer header(int vocabularySize, String vocabularyHash) {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(HEADER_MAGIC).putInt(VERSION);
    header.putInt(idBytes(vocabularySize)).putInt(vocabularySize);
    header.put(HASH_OFFSET, HexFormat.of().parseHex(vocabularyHash));
    return header.clear();
  }

  /** Adds the counts to the checksum of header and ids. */
  static ByteBuffer footer(long tokens, long documents, CRC32C checksum) {
    ByteBuffer footer = ByteBuffer.allocate(FOOTER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    footer.putLong(tokens).putLong(documents);
    checksum.update(footer.array(), 0, CRC_OFFSET);
    footer.putInt((int) checksum.getValue()).putInt(0).putLong(FOOTER_MAGIC);
    return footer.clear();
  }

  /** Compares a header with what the index says. */
  static void checkHeader(String file, ByteBuffer header, TokenIndex index) {
    header.order(ByteOrder.LITTLE_ENDIAN);
    check(file, "magic", text(HEADER_MAGIC), text(header.getLong(0)));
    check(file, "format version", VERSION, header.getInt(8));
    check(file, "vocabulary size", index.vocabularySize(), header.getInt(16));
    check(file, "id width", idBytes(index.vocabularySize()), header.getInt(12));
    byte[] hash = new byte[HASH_BYTES];
    header.get(HASH_OFFSET, hash);
    check(file, "vocabulary hash", index.vocabularyHash(), HexFormat.of().formatHex(hash));
  }

  /** Compares a footer with what the index says, and the checksum of all before with it. */
  static void checkFooter(String file, ByteBuffer footer, TokenIndex.Shard shard, CRC32C checksum) {
    checkCounts(file, footer, shard);
    checksum.update(counts(footer));
    check(
        file,
        "CRC32C",
        Integer.toHexString(footer.getInt(CRC_OFFSET)),
        Integer.toHexString((int) checksum.getValue()));
  }

  /** Compares a footer with what the index says, but for the checksum. */
  static void checkCounts(String file, ByteBuffer footer, TokenIndex.Shard shard) {
    footer.order(ByteOrder.LITTLE_ENDIAN);
    check(file, "end mark", text(FOOTER_MAGIC), text(footer.getLong(24)));
    check(file, "token count", shard.tokens(), footer.getLong(0));
    check(file, "document count", shard.documents(), footer.getLong(8));
  }

  /** CRC32C of the ids alone, which header and footer determine. */
  static int idChecksum(ByteBuffer header, ByteBuffer footer, long idBytes) {
    CRC32C ofHeader = new CRC32C();
    ofHeader.update(header.duplicate().clear());
    CRC32C ofCounts = new CRC32C();
    ofCounts.update(counts(footer));
    int whole = footer.order(ByteOrder.LITTLE_ENDIAN).getInt(CRC_OFFSET);
    int withHeader = ChainedChecksum.unshifted(whole ^ (int) ofCounts.getValue(), CRC_OFFSET);
    return withHeader ^ ChainedChecksum.shifted((int) ofHeader.getValue(), idBytes);
  }

  private static byte[] counts(ByteBuffer footer) {
    byte[] counts = new byte[CRC_OFFSET];
    footer.get(0, counts);
    return counts;
  }

  static void check(String file, String what, Object expected, Object actual) {
    if (!expected.equals(actual)) {
      throw new DataException(
          "Token shard is damaged or not of this corpus: file="
              + file
              + ", field="
              + what
              + ", expected="
              + expected
              + ", actual="
              + actual
              + "; prepare the corpus anew");
    }
  }

  static long magic(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII))
        .order(ByteOrder.LITTLE_ENDIAN)
        .getLong();
  }

  static String text(long magic) {
    byte[] bytes =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(magic).array();
    StringBuilder text = new StringBuilder();
    for (byte b : bytes) {
      text.append(b >= 0x20 && b < 0x7F ? (char) b : '.');
    }
    return text.toString();
  }
}
