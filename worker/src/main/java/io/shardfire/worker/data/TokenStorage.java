package io.shardfire.worker.data;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.apache.hadoop.fs.FSDataInputStream;

/**
 * The ids of one shard, checked, as little-endian bytes in segments of at most 1 GiB: mapped where
 * the file is local (shared by all executors of a host, and given back when the garbage collector
 * finds the storage unreachable), on the heap elsewhere. Immutable and thread-safe.
 */
final class TokenStorage {
  private static final int SEGMENT_SHIFT = 30;
  private static final long SEGMENT_BYTES = 1L << SEGMENT_SHIFT;

  private final ByteBuffer[] segments;
  private final int idBytes;

  private TokenStorage(ByteBuffer[] segments, int idBytes) {
    this.segments = segments;
    this.idBytes = idBytes;
  }

  /** Maps a local file, after one pass over it for the checksum. */
  static TokenStorage map(Path file, TokenIndex index, TokenIndex.Shard shard) throws IOException {
    String name = file.toString();
    TokenShardFormat.check(name, "file size", shard.bytes(), Files.size(file));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return load(
          name,
          index,
          shard,
          (position, length) -> channel.map(FileChannel.MapMode.READ_ONLY, position, length));
    }
  }

  /** Reads a file whole; the stream stands at its beginning. */
  static TokenStorage read(
      String file, long fileBytes, FSDataInputStream in, TokenIndex index, TokenIndex.Shard shard)
      throws IOException {
    TokenShardFormat.check(file, "file size", shard.bytes(), fileBytes);
    long limit = Runtime.getRuntime().maxMemory();
    if (fileBytes > limit) {
      throw new DataException(
          "Token shard does not fit into memory: file="
              + file
              + ", bytes="
              + fileBytes
              + ", heap limit="
              + limit
              + "; give the executors more memory, or put the corpus on a local disk of each");
    }
    return load(
        file,
        index,
        shard,
        (position, length) -> {
          byte[] bytes = new byte[Math.toIntExact(length)];
          in.readFully(position, bytes);
          return ByteBuffer.wrap(bytes);
        });
  }

  /** A part of the file. */
  private interface Source {
    ByteBuffer part(long position, long length) throws IOException;
  }

  private static TokenStorage load(
      String file, TokenIndex index, TokenIndex.Shard shard, Source source) throws IOException {
    int idBytes = TokenShardFormat.idBytes(index.vocabularySize());
    try {
      CRC32C checksum = new CRC32C();
      ByteBuffer header = source.part(0, TokenShardFormat.HEADER_BYTES);
      TokenShardFormat.checkHeader(file, header, index);
      checksum.update(header.rewind());
      long bytes = shard.tokens() * idBytes;
      ByteBuffer[] segments =
          new ByteBuffer[Math.toIntExact((bytes + SEGMENT_BYTES - 1) >> SEGMENT_SHIFT)];
      for (int i = 0; i < segments.length; i++) {
        long begin = (long) i << SEGMENT_SHIFT;
        ByteBuffer part =
            source.part(
                TokenShardFormat.HEADER_BYTES + begin, Math.min(SEGMENT_BYTES, bytes - begin));
        checksum.update(part.duplicate());
        segments[i] = part.order(ByteOrder.LITTLE_ENDIAN);
      }
      ByteBuffer footer =
          source.part(TokenShardFormat.HEADER_BYTES + bytes, TokenShardFormat.FOOTER_BYTES);
      TokenShardFormat.checkFooter(file, footer, shard, checksum);
      return new TokenStorage(segments, idBytes);
    } catch (EOFException e) {
      throw new DataException(
          "Token shard is shorter than its file system says: file="
              + file
              + ", expected bytes="
              + shard.bytes(),
          e);
    }
  }

  /** Ids as whole numbers; the caller has checked the bounds. */
  void read(long from, float[] destination, int offset, int length) {
    for (int i = 0; i < length; i++) {
      long at = (from + i) * idBytes;
      ByteBuffer segment = segments[(int) (at >>> SEGMENT_SHIFT)];
      int inSegment = (int) (at & (SEGMENT_BYTES - 1));
      destination[offset + i] =
          idBytes == Short.BYTES ? segment.getShort(inSegment) & 0xFFFF : segment.getInt(inSegment);
    }
  }
}
