package io.shardfire.worker.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The entries of a local file, mapped as segments of at most 1 GiB: shared by all executors of a
 * host, and given back when the garbage collector finds the storage unreachable.
 */
final class MappedTokens implements TokenStorage {
  private static final int SEGMENT_SHIFT = 30;
  private static final int SEGMENT_BYTES = 1 << SEGMENT_SHIFT;

  private final ByteBuffer[] segments;
  private final int entryBytes;

  private MappedTokens(ByteBuffer[] segments, int entryBytes) {
    this.segments = segments;
    this.entryBytes = entryBytes;
  }

  /** Maps a file, after one pass over it for the checksum. */
  static MappedTokens of(Path file, EntryFile expected) throws IOException {
    String name = file.toString();
    TokenShardFormat.check(name, "file size", expected.bytes(), Files.size(file));
    List<ByteBuffer> segments = new ArrayList<>();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ShardVerification.run(
          name,
          expected,
          (position, length) -> channel.map(FileChannel.MapMode.READ_ONLY, position, length),
          SEGMENT_BYTES,
          segments::add);
    }
    return new MappedTokens(segments.toArray(ByteBuffer[]::new), expected.entryBytes());
  }

  @Override
  public void read(long from, float[] destination, int offset, int length) {
    for (int i = 0; i < length; i++) {
      destination[offset + i] = value(from + i);
    }
  }

  @Override
  public long value(long index) {
    long at = index * entryBytes;
    ByteBuffer segment = segments[(int) (at >>> SEGMENT_SHIFT)];
    int inSegment = (int) (at & (SEGMENT_BYTES - 1));
    return entryBytes == Short.BYTES
        ? segment.getShort(inSegment) & 0xFFFF
        : segment.getInt(inSegment) & 0xFFFF_FFFFL;
  }
}
