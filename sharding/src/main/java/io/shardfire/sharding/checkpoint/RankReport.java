package io.shardfire.sharding.checkpoint;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a rank tells the others about its part of a checkpoint.
 *
 * <pre>
 *   UTF    failure, empty when all is well
 *   int    number of files, then for each:  UTF name, long bytes, UTF sha256
 * </pre>
 *
 * big-endian, with texts as {@link DataOutputStream#writeUTF} writes them.
 *
 * @param failure why this rank could not do its part; empty when it could
 * @param files what it has written
 */
record RankReport(String failure, List<Manifest.Entry> files) {
  private static final int LONGEST_FAILURE = 4000;
  private static final int MOST_FILES = 1 << 20;

  RankReport {
    failure = failure.length() > LONGEST_FAILURE ? failure.substring(0, LONGEST_FAILURE) : failure;
    files = List.copyOf(files);
  }

  static RankReport done(List<Manifest.Entry> files) {
    return new RankReport("", files);
  }

  static RankReport failed(Throwable problem) {
    return new RankReport(String.valueOf(problem), List.of());
  }

  boolean hasFailed() {
    return !failure.isEmpty();
  }

  byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeUTF(failure);
      out.writeInt(files.size());
      for (Manifest.Entry file : files) {
        out.writeUTF(file.name());
        out.writeLong(file.bytes());
        out.writeUTF(file.sha256());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * @throws CheckpointException naming the rank when the bytes are no report
   */
  static RankReport parse(int rank, byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      String failure = in.readUTF();
      int count = in.readInt();
      if (count < 0 || count > MOST_FILES) {
        throw new IOException("files=" + count);
      }
      List<Manifest.Entry> files = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        files.add(new Manifest.Entry(in.readUTF(), in.readLong(), in.readUTF()));
      }
      return new RankReport(failure, files);
    } catch (IOException | IllegalArgumentException e) {
      throw new CheckpointException(
          "Checkpoint report of a rank is damaged: rank="
              + rank
              + ", bytes="
              + bytes.length
              + ", problem="
              + e.getMessage(),
          e);
    }
  }
}
