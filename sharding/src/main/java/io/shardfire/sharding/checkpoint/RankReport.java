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
 *   byte   0 working, 1 done, 2 failed
 *   UTF    failure, empty unless failed
 *   int    number of files, then for each:  UTF name, long bytes, UTF sha256
 * </pre>
 *
 * big-endian, with texts as {@link DataOutputStream#writeUTF} writes them.
 *
 * @param failure why this rank could not do its part; empty unless it has failed
 * @param files what it has written, when it is done
 */
record RankReport(Status status, String failure, List<Manifest.Entry> files) {
  private static final int LONGEST_FAILURE = 4000;
  private static final int MOST_FILES = 1 << 20;

  /** How far a rank is; the order is that of the encoding. */
  enum Status {
    WORKING,
    DONE,
    FAILED;

    private static final List<Status> ENCODED = List.of(WORKING, DONE, FAILED);
  }

  RankReport {
    failure = failure.length() > LONGEST_FAILURE ? failure.substring(0, LONGEST_FAILURE) : failure;
    files = List.copyOf(files);
  }

  static RankReport working() {
    return new RankReport(Status.WORKING, "", List.of());
  }

  static RankReport done(List<Manifest.Entry> files) {
    return new RankReport(Status.DONE, "", files);
  }

  static RankReport failed(Throwable problem) {
    return new RankReport(Status.FAILED, String.valueOf(problem), List.of());
  }

  byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(Status.ENCODED.indexOf(status));
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
      int status = in.readUnsignedByte();
      if (status >= Status.ENCODED.size()) {
        throw new IOException("status=" + status);
      }
      String failure = in.readUTF();
      int count = in.readInt();
      if (count < 0 || count > MOST_FILES) {
        throw new IOException("files=" + count);
      }
      List<Manifest.Entry> files = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        files.add(new Manifest.Entry(in.readUTF(), in.readLong(), in.readUTF()));
      }
      return new RankReport(Status.ENCODED.get(status), failure, files);
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
