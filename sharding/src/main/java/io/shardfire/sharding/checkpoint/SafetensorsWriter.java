package io.shardfire.sharding.checkpoint;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;

/**
 * Writes a safetensors file of fp32 tensors as a stream: the header first (padded with spaces to a
 * multiple of 8 bytes, with {@code format=pt} among its metadata as Hugging Face expects), then the
 * tensors in the order of the header. The same tensors give the same bytes. Not thread-safe.
 */
public final class SafetensorsWriter {
  private static final int ALIGNMENT = 8;
  private static final int BUFFER_BYTES = 1 << 20;
  private static final JsonMapper JSON = new JsonMapper();

  private final OutputStream out;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private long missing;

  private SafetensorsWriter(OutputStream out, long elements) {
    this.out = out;
    this.missing = elements;
  }

  /** A tensor to write. */
  public record Tensor(String name, List<Long> shape) {
    /** Checks and copies. */
    public Tensor {
      shape = List.copyOf(shape);
      if (name.isBlank() || shape.stream().anyMatch(dim -> dim < 0)) {
        throw new IllegalArgumentException(
            "A tensor needs a name and dims from 0: name=" + name + ", shape=" + shape);
      }
    }

    /** Product of the dims. */
    public long elements() {
      return shape.stream().reduce(1L, Math::multiplyExact);
    }
  }

  /**
   * Writes the header.
   *
   * @param out stays open at the end
   * @param metadata free-form, written in key order
   */
  public static SafetensorsWriter create(
      OutputStream out, List<Tensor> tensors, SortedMap<String, String> metadata)
      throws IOException {
    ObjectNode root = JSON.createObjectNode();
    ObjectNode free = root.putObject(SafetensorsHeader.METADATA);
    free.put("format", "pt");
    for (Map.Entry<String, String> item : metadata.entrySet()) {
      free.put(item.getKey(), item.getValue());
    }
    Set<String> names = new HashSet<>(Set.of(SafetensorsHeader.METADATA));
    long elements = 0;
    for (Tensor tensor : tensors) {
      if (!names.add(tensor.name())) {
        throw new IllegalArgumentException("Tensor name used twice: tensor=" + tensor.name());
      }
      ObjectNode entry = root.putObject(tensor.name());
      entry.put("dtype", "F32");
      ArrayNode shape = entry.putArray("shape");
      tensor.shape().forEach(dim -> shape.add(dim.longValue()));
      ArrayNode offsets = entry.putArray("data_offsets").add(elements * Float.BYTES);
      elements = Math.addExact(elements, tensor.elements());
      offsets.add(Math.multiplyExact(elements, Float.BYTES));
    }
    byte[] text = JSON.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
    int padded = Math.addExact(text.length, ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (padded > SafetensorsHeader.LARGEST) {
      throw new IllegalArgumentException(
          "Header is too large: tensors=" + tensors.size() + ", bytes=" + padded);
    }
    ByteBuffer header =
        ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN).putLong(padded);
    header.put(text);
    while (header.hasRemaining()) {
      header.put((byte) ' ');
    }
    out.write(header.array());
    return new SafetensorsWriter(out, elements);
  }

  /**
   * Appends elements; tensors follow each other in the order of the header.
   *
   * @throws IllegalStateException when they are more than the header has announced
   */
  public void write(float[] values, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, values.length);
    if (length > missing) {
      throw new IllegalStateException(
          "More elements than announced: length=" + length + ", missing=" + missing);
    }
    int done = 0;
    while (done < length) {
      int count = Math.min(length - done, BUFFER_BYTES / Float.BYTES);
      buffer.asFloatBuffer().put(values, offset + done, count);
      out.write(buffer.array(), 0, count * Float.BYTES);
      done += count;
    }
    missing -= length;
  }

  /** Checks that all announced elements were written. @throws IllegalStateException otherwise */
  public void finish() {
    if (missing != 0) {
      throw new IllegalStateException("Fewer elements than announced: missing=" + missing);
    }
  }
}
