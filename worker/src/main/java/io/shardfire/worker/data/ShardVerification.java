package io.shardfire.worker.data;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/** One pass over a shard file that compares it with what the index says, and its checksum. */
final class ShardVerification {
  private ShardVerification() {}

  /** A part of the file; parts are asked for in order, without gaps. */
  interface Source {
    ByteBuffer part(long position, int length) throws IOException;
  }

  /**
   * Reads the whole file.
   *
   * @param partBytes ids are read in parts of this size, but for the last
   * @param ids takes each part of the ids, little-endian
   * @throws DataException when the file is not what the index says: names file, expected, actual
   */
  static void run(
      String file,
      TokenIndex index,
      TokenIndex.Shard shard,
      Source source,
      int partBytes,
      Consumer<ByteBuffer> ids)
      throws IOException {
    try {
      CRC32C checksum = new CRC32C();
      ByteBuffer header = source.part(0, TokenShardFormat.HEADER_BYTES);
      TokenShardFormat.checkHeader(file, header, index);
      checksum.update(header.rewind());
      long end =
          TokenShardFormat.HEADER_BYTES
              + shard.tokens() * TokenShardFormat.idBytes(index.vocabularySize());
      long position = TokenShardFormat.HEADER_BYTES;
      while (position < end) {
        ByteBuffer part = source.part(position, (int) Math.min(partBytes, end - position));
        position += part.remaining();
        checksum.update(part.duplicate());
        ids.accept(part.order(ByteOrder.LITTLE_ENDIAN));
      }
      ByteBuffer footer = source.part(end, TokenShardFormat.FOOTER_BYTES);
      TokenShardFormat.checkFooter(file, footer, shard, checksum);
    } catch (EOFException e) {
      throw new DataException(
          "Token shard is shorter than its file system says: file="
              + file
              + ", expected bytes="
              + shard.bytes(),
          e);
    }
  }
}
