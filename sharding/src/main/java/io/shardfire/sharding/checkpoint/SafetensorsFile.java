package io.shardfire.sharding.checkpoint;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A safetensors file (fp32, fp16 and bf16 read as float), opened for reading by byte range; header
 * validated, see {@link SafetensorsHeader} for the layout. Thread-safe until closed: reads are
 * positioned.
 */
public final class SafetensorsFile implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 20;

  private final String file;
  private final FSDataInputStream in;
  private final long dataBegin;
  private final SafetensorsHeader header;

  private SafetensorsFile(
      String file, FSDataInputStream in, long dataBegin, SafetensorsHeader header) {
    this.file = file;
    this.in = in;
    this.dataBegin = dataBegin;
    this.header = header;
  }

  /**
   * Opens and validates the header.
   *
   * @throws CheckpointException when the file is absent or not valid: names file, expected, actual
   */
  public static SafetensorsFile open(Configuration configuration, Path path) {
    return open(PlainFiles.fileSystem(configuration, path), path);
  }

  static SafetensorsFile open(FileSystem files, Path path) {
    String file = path.toString();
    FSDataInputStream in = null;
    SafetensorsFile opened = null;
    try {
      long fileBytes = files.getFileStatus(path).getLen();
      in = files.open(path);
      if (fileBytes < SafetensorsHeader.LENGTH_BYTES) {
        throw new CheckpointException(
            "Not a valid safetensors file: file="
                + file
                + ", problem=shorter than its length field: bytes="
                + fileBytes);
      }
      byte[] length = new byte[SafetensorsHeader.LENGTH_BYTES];
      in.readFully(0, length);
      int headerBytes =
          SafetensorsHeader.checkLength(
              file, ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong(), fileBytes);
      byte[] text = new byte[headerBytes];
      in.readFully(SafetensorsHeader.LENGTH_BYTES, text);
      long dataBegin = (long) SafetensorsHeader.LENGTH_BYTES + headerBytes;
      SafetensorsHeader header = SafetensorsHeader.parse(file, text, fileBytes - dataBegin);
      opened = new SafetensorsFile(file, in, dataBegin, header);
      return opened;
    } catch (FileNotFoundException e) {
      throw new CheckpointException("Safetensors file is missing: file=" + file, e);
    } catch (IOException e) {
      throw cannotRead(file, e);
    } finally {
      if (opened == null) {
        closeQuietly(in);
      }
    }
  }

  /**
   * One tensor of the header.
   *
   * @param begin first byte, counted from the end of the header
   * @param end one past the last byte
   */
  public record Entry(String name, String dtype, List<Long> shape, long begin, long end) {
    /** Copies. */
    public Entry {
      shape = List.copyOf(shape);
    }

    /** Product of the dims; 1 for a scalar. */
    public long elements() {
      return shape.stream().reduce(1L, Math::multiplyExact);
    }
  }

  /** The header, in name order. */
  public Map<String, Entry> entries() {
    return header.entries();
  }

  /** The free-form metadata. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /**
   * Reads {@code length} elements from element {@code from} of a tensor as floats.
   *
   * @throws IllegalArgumentException when the tensor has fewer elements than that
   * @throws CheckpointException when there is no such tensor, or it is not fp32, fp16 or bf16
   */
  public void read(String name, long from, float[] destination, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, destination.length);
    Entry entry = header.entries().get(name);
    if (entry == null) {
      throw new CheckpointException(
          "Safetensors file has no such tensor: file=" + file + ", tensor=" + name);
    }
    ElementType type = ElementType.of(file, entry);
    if (from < 0 || from > entry.elements() - length) {
      throw new IllegalArgumentException(
          "Elements outside the tensor: file="
              + file
              + ", tensor="
              + name
              + ", from="
              + from
              + ", length="
              + length
              + ", elements="
              + entry.elements());
    }
    int elementBytes = type.bytes();
    ByteBuffer buffer =
        ByteBuffer.allocate((int) Math.min(BUFFER_BYTES, (long) length * elementBytes))
            .order(ByteOrder.LITTLE_ENDIAN);
    long position = dataBegin + entry.begin() + from * elementBytes;
    int done = 0;
    try {
      while (done < length) {
        int count = Math.min(length - done, buffer.capacity() / elementBytes);
        in.readFully(position, buffer.array(), 0, count * elementBytes);
        type.decode(buffer, destination, offset + done, count);
        position += (long) count * elementBytes;
        done += count;
      }
    } catch (EOFException e) {
      throw new CheckpointException(
          "Safetensors file became shorter while it was read: file="
              + file
              + ", tensor="
              + name
              + ", position="
              + position,
          e);
    } catch (IOException e) {
      throw cannotRead(file, e);
    }
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw cannotRead(file, e);
    }
  }

  private static void closeQuietly(FSDataInputStream in) {
    if (in != null) {
      try {
        in.close();
      } catch (IOException e) {
        // An exception that says why the file cannot be used is already on its way.
        org.slf4j.LoggerFactory.getLogger(SafetensorsFile.class).debug("close failed", e);
      }
    }
  }

  private static CheckpointException cannotRead(String file, IOException e) {
    return new CheckpointException(
        "Safetensors file cannot be read: file=" + file + ", problem=" + e.getMessage(), e);
  }
}
