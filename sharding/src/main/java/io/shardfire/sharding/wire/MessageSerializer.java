package io.shardfire.sharding.wire;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.io.ByteBufferInput;
import com.esotericsoftware.kryo.kryo5.io.ByteBufferOutput;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** Writes and reads one class of messages, field by field, over byte buffers only. */
public abstract class MessageSerializer<T> extends Serializer<T> {
  /** Most characters of a name in a message. */
  public static final int MAX_NAME = 64;

  protected MessageSerializer() {
    super(false, true);
  }

  /** Writes the fields. */
  protected abstract void write(ByteBufferOutput output, T message);

  /** Reads and checks the fields, every size before anything is allocated for it. */
  protected abstract T read(ByteBufferInput input);

  @Override
  public final void write(Kryo kryo, Output output, T message) {
    write((ByteBufferOutput) output, message);
  }

  @Override
  public final T read(Kryo kryo, Input input, Class<? extends T> type) {
    return read((ByteBufferInput) input);
  }

  /** Bytes not yet read. */
  protected static int remaining(ByteBufferInput input) {
    return input.limit() - input.position();
  }

  /**
   * Checks what {@link #writeName} can write.
   *
   * @param subject whose name it is, for the error's text
   * @param key what the error calls it
   * @throws IllegalArgumentException unless it has 1 to {@link #MAX_NAME} visible ASCII characters
   */
  public static void checkName(String subject, String key, String name) {
    boolean ascii = name.chars().allMatch(c -> c > ' ' && c < 127);
    if (name.isEmpty() || name.length() > MAX_NAME || !ascii) {
      throw new IllegalArgumentException(
          subject + " has 1 to " + MAX_NAME + " visible ASCII characters: " + key + "=" + name);
    }
  }

  /** Writes a length and ASCII characters. */
  protected static void writeName(ByteBufferOutput output, String name) {
    output.writeByte(name.length());
    output.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
  }

  /** Reads what {@link #writeName} wrote. */
  protected static String readName(ByteBufferInput input) {
    int length = input.readByteUnsigned();
    if (length < 1 || length > MAX_NAME || length > remaining(input)) {
      throw new WireException(
          "A name's length is wrong: length=%d, limit=%d, remaining=%d"
              .formatted(length, MAX_NAME, remaining(input)));
    }
    return new String(input.readBytes(length), StandardCharsets.US_ASCII);
  }

  /** Writes a length, a CRC32C and the bytes. */
  protected static void writeBytes(ByteBufferOutput output, byte[] bytes) {
    output.writeInt(bytes.length);
    output.writeInt(crc(ByteBuffer.wrap(bytes), 0, bytes.length));
    output.writeBytes(bytes);
  }

  /** Reads what {@link #writeBytes} wrote, which must be the rest of the message. */
  protected static byte[] readBytes(ByteBufferInput input, int limit) {
    int length = input.readInt();
    int expectedCrc = input.readInt();
    if (length < 0 || length > limit) {
      throw new WireException(
          "A message's bytes are too many: length=%d, limit=%d".formatted(length, limit));
    }
    if (length != remaining(input)) {
      throw new WireException(
          "A message's length is wrong: length=%d, bytes=%d".formatted(length, remaining(input)));
    }
    int from = input.position();
    int actualCrc = crc(input.getByteBuffer(), from, from + length);
    if (expectedCrc != actualCrc) {
      throw new WireException(
          "A payload was damaged on its way: expectedCrc32c=%08x, actualCrc32c=%08x"
              .formatted(expectedCrc, actualCrc));
    }
    return input.readBytes(length);
  }

  /** CRC32C of the bytes of a buffer between two positions. */
  protected static int crc(ByteBuffer buffer, int from, int to) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.duplicate().limit(to).position(from));
    return (int) crc.getValue();
  }

  /** The next bytes of the input as a little-endian view; the input moves past them. */
  protected static ByteBuffer slice(ByteBufferInput input, int bytes) {
    int from = input.position();
    ByteBuffer slice = input.getByteBuffer().duplicate().limit(from + bytes).position(from).slice();
    input.setPosition(from + bytes);
    return slice.order(ByteOrder.LITTLE_ENDIAN);
  }
}
