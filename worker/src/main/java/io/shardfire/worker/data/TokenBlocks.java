package io.shardfire.worker.data;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.functional.FutureIO;

/**
 * The window through which a dataset reads files that cannot be mapped: the blocks of ids and the
 * open files that were used last. A training sequence is at a random place of the corpus, so a
 * block is little more than one; it is read once for a sequence's ids and its targets. Thread-safe.
 *
 * <pre>
 * file    | header | block 0 | block 1 | ... | last block, shorter | footer |
 * held             |  any {@link #BLOCKS} blocks of any files       |
 * </pre>
 */
final class TokenBlocks implements AutoCloseable {
  /** Blocks held. */
  static final int BLOCKS = 32;

  /** Ids of a block. */
  static final int BLOCK_TOKENS = 1 << 14;

  /** Files held open; a corpus may have thousands. */
  static final int STREAMS = 16;

  private final FileSystem files;
  private final int blockTokens;
  private final List<Block> blocks = new ArrayList<>();
  private final Map<Path, FSDataInputStream> streams = new LinkedHashMap<>(STREAMS, 0.75f, true);
  private long clock;

  /** A file, and how many ids of how many bytes it holds. */
  record Source(Path file, long tokens, int idBytes) {}

  /** What was read into a buffer, and when it was last used. */
  private static final class Block {
    private final byte[] bytes;
    private final ByteBuffer ids;
    private Source source;
    private long number;
    private long used;

    Block(int capacity) {
      bytes = new byte[capacity];
      ids = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  TokenBlocks(FileSystem files) {
    this(files, BLOCK_TOKENS);
  }

  TokenBlocks(FileSystem files, int blockTokens) {
    this.files = files;
    this.blockTokens = blockTokens;
  }

  /**
   * Reads ids as whole numbers; the caller has checked the bounds.
   *
   * @throws DataException naming the file and the offset that cannot be read
   */
  synchronized void read(Source source, long from, float[] destination, int offset, int length) {
    int done = 0;
    while (done < length) {
      long at = from + done;
      Block block = block(source, at / blockTokens);
      int first = (int) (at % blockTokens);
      int count = Math.min(length - done, blockTokens - first);
      decode(block.ids, source.idBytes(), first, destination, offset + done, count);
      done += count;
    }
  }

  /** One entry, as {@link #read}. */
  synchronized long value(Source source, long index) {
    ByteBuffer entries = block(source, index / blockTokens).ids;
    int at = (int) (index % blockTokens) * source.idBytes();
    return source.idBytes() == Short.BYTES
        ? entries.getShort(at) & 0xFFFF
        : entries.getInt(at) & 0xFFFF_FFFFL;
  }

  private static void decode(
      ByteBuffer ids, int idBytes, int first, float[] destination, int offset, int count) {
    for (int i = 0; i < count; i++) {
      int at = (first + i) * idBytes;
      destination[offset + i] = idBytes == Short.BYTES ? ids.getShort(at) & 0xFFFF : ids.getInt(at);
    }
  }

  private Block block(Source source, long number) {
    clock++;
    Block oldest = null;
    for (Block block : blocks) {
      if (block.number == number && source.equals(block.source)) {
        block.used = clock;
        return block;
      }
      oldest = oldest == null || block.used < oldest.used ? block : oldest;
    }
    if (blocks.size() < BLOCKS) {
      oldest = new Block(blockTokens * Integer.BYTES);
      blocks.add(oldest);
    }
    // Holds nothing until all of it has been read.
    oldest.source = null;
    load(source, number, oldest.bytes);
    oldest.source = source;
    oldest.number = number;
    oldest.used = clock;
    return oldest;
  }

  private void load(Source source, long number, byte[] bytes) {
    long first = number * blockTokens;
    int length = (int) Math.min(blockTokens, source.tokens() - first) * source.idBytes();
    long position = EntryFile.HEADER_BYTES + first * source.idBytes();
    try {
      stream(source.file()).readFully(position, bytes, 0, length);
    } catch (EOFException e) {
      throw unreadable("Token shard has become shorter", source, position, length, e);
    } catch (IOException e) {
      throw unreadable("Token shard cannot be read", source, position, length, e);
    }
  }

  private static DataException unreadable(
      String what, Source source, long position, int length, IOException cause) {
    return new DataException(
        what
            + ": file="
            + source.file()
            + ", offset="
            + position
            + ", bytes="
            + length
            + ", problem="
            + cause.getMessage(),
        cause);
  }

  private FSDataInputStream stream(Path file) throws IOException {
    FSDataInputStream open = streams.get(file);
    if (open != null) {
      return open;
    }
    if (streams.size() == STREAMS) {
      Iterator<FSDataInputStream> leastUsed = streams.values().iterator();
      FSDataInputStream closing = leastUsed.next();
      leastUsed.remove();
      closing.close();
    }
    // Object stores then ask for the block alone, not for the rest of the file.
    FSDataInputStream opened =
        FutureIO.awaitFuture(
            files.openFile(file).opt("fs.option.openfile.read.policy", "random").build());
    streams.put(file, opened);
    return opened;
  }

  /** Closes all files; blocks are read no more. */
  @Override
  public synchronized void close() {
    List<FSDataInputStream> open = List.copyOf(streams.values());
    streams.clear();
    blocks.clear();
    for (FSDataInputStream stream : open) {
      try {
        stream.close();
      } catch (IOException e) {
        throw new DataException("A token shard cannot be closed: problem=" + e.getMessage(), e);
      }
    }
  }
}
