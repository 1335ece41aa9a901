package io.shardfire.sharding.checkpoint;

import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Writes and reads files with their SHA-256. */
final class HashedFile {
  private static final int BUFFER_BYTES = 1 << 20;

  private HashedFile() {}

  /** What goes into a file. */
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes a file and hashes its bytes on the way.
   *
   * @throws CheckpointException naming the path when the file system fails
   */
  static Manifest.Entry write(FileSystem files, Path path, Content content) {
    Hashing hashing = new Hashing();
    try (FSDataOutputStream out = files.create(path, true)) {
      hashing.out = out;
      content.writeTo(hashing);
      PlainFiles.sync(out);
    } catch (IOException e) {
      throw new CheckpointException(
          "Checkpoint file cannot be written: file="
              + path
              + ", written bytes="
              + hashing.bytes
              + ", problem="
              + e.getMessage()
              + "; earlier checkpoints are untouched; check free space and permissions",
          e);
    }
    return new Manifest.Entry(path.getName(), hashing.bytes, hashing.hex());
  }

  /** SHA-256 of a file in lower-case hex. */
  static String sha256(FileSystem files, Path path) throws IOException {
    MessageDigest digest = digest();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (FSDataInputStream in = files.open(path)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  private static final class Hashing extends OutputStream {
    private final MessageDigest digest = digest();
    private OutputStream out;
    private long bytes;

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      out.write(source, offset, length);
      digest.update(source, offset, length);
      bytes += length;
    }

    String hex() {
      return HexFormat.of().formatHex(digest.digest());
    }
  }
}
