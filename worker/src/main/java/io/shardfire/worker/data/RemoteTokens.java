package io.shardfire.worker.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.apache.hadoop.fs.Path;

/**
 * The entries of a file that cannot be mapped, read through the {@link TokenBlocks} of the dataset.
 */
final class RemoteTokens implements TokenStorage {
  private static final int VERIFIED_BYTES = 1 << 16;

  private final TokenBlocks blocks;
  private final TokenBlocks.Source source;

  private RemoteTokens(TokenBlocks blocks, TokenBlocks.Source source) {
    this.blocks = blocks;
    this.source = source;
  }

  /**
   * Reads the file once from its beginning for the checksum, and keeps nothing of it.
   *
   * @param in stands at the beginning
   */
  static RemoteTokens of(
      Path file, long fileBytes, InputStream in, EntryFile expected, TokenBlocks blocks)
      throws IOException {
    String name = file.toString();
    TokenShardFormat.check(name, "file size", expected.bytes(), fileBytes);
    byte[] bytes = new byte[VERIFIED_BYTES];
    ShardVerification.run(
        name,
        expected,
        (position, length) -> {
          if (in.readNBytes(bytes, 0, length) < length) {
            throw new EOFException("file=" + name + ", position=" + position);
          }
          return ByteBuffer.wrap(bytes, 0, length).slice();
        },
        VERIFIED_BYTES,
        part -> {});
    return new RemoteTokens(
        blocks, new TokenBlocks.Source(file, expected.entries(), expected.entryBytes()));
  }

  @Override
  public void read(long from, float[] destination, int offset, int length) {
    blocks.read(source, from, destination, offset, length);
  }

  @Override
  public long value(long index) {
    return blocks.value(source, index);
  }
}
