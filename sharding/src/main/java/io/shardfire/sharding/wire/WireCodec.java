package io.shardfire.sharding.wire;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.KryoException;
import com.esotericsoftware.kryo.kryo5.io.ByteBufferInput;
import com.esotericsoftware.kryo.kryo5.io.ByteBufferOutput;
import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;

/**
 * Turns messages into bytes and back, with Kryo. Only registered classes are written or read; a
 * peer's bytes never name a class.
 *
 * <pre>
 * byte  0  "SFW1"   format and version
 *       4  uint8    class: 2 + the id it is registered with
 *       5  ...      fields, fixed-size and little-endian, drawn at each message
 * </pre>
 *
 * <p>Not thread-safe: one codec per thread.
 */
public final class WireCodec {
  /** Bytes before the fields. */
  public static final int PREFIX_BYTES = 5;

  private static final int MAGIC = 'S' | 'F' << 8 | 'W' << 16 | '1' << 24;

  /** Kryo keeps the numbers below for its own built-in classes, which are not messages. */
  private static final int FIRST_ID = 16;

  /** Kryo writes id + 2. */
  private static final int ID_SHIFT = 2;

  private final Kryo kryo = new Kryo();
  private final BitSet ids = new BitSet();
  private final ByteBufferOutput output = new ByteBufferOutput();
  private final ByteBufferInput input = new ByteBufferInput();

  /** A codec that knows no message yet. */
  public WireCodec() {
    kryo.setRegistrationRequired(true);
    kryo.setReferences(false);
  }

  /** A codec of the messages between ranks, whose shards hold at most this many bytes. */
  public static WireCodec forPeers(int maxPayloadBytes) {
    return new WireCodec()
        .register(JoinGroup.class, new PeerSerializers.Join(), FIRST_ID)
        .register(ReceiverReady.class, new PeerSerializers.Ready(), FIRST_ID + 1)
        .register(GradientShard.class, new PeerSerializers.Shard(maxPayloadBytes), FIRST_ID + 2)
        .register(ByteShare.class, new PeerSerializers.Bytes(), FIRST_ID + 3)
        .register(OfferSegment.class, new PeerSerializers.Offer(), FIRST_ID + 4)
        .register(ShardInSegment.class, new PeerSerializers.InSegment(), FIRST_ID + 5);
  }

  /** Registers a class of messages under an id from 16 to 125, which is part of the format. */
  public <T> WireCodec register(Class<T> type, MessageSerializer<T> serializer, int id) {
    if (id < FIRST_ID || id > 125 || ids.get(id)) {
      throw new IllegalArgumentException(
          "A message's id is free and lies in 16..125: id=" + id + ", type=" + type.getName());
    }
    kryo.register(type, serializer, id);
    ids.set(id);
    return this;
  }

  /**
   * Writes a message from the start of {@code target} and flips it.
   *
   * @throws WireException when the class is not registered, a size is out of bounds, or the target
   *     too small
   */
  public void encode(Object message, ByteBuffer target) {
    target.clear().order(ByteOrder.LITTLE_ENDIAN);
    try {
      output.setBuffer(target);
      output.writeInt(MAGIC);
      kryo.writeClassAndObject(output, message);
      target.flip().limit(output.position());
    } catch (KryoException
        | BufferOverflowException
        | IllegalArgumentException
        | IndexOutOfBoundsException e) {
      throw new WireException(
          "A message cannot be written: type=%s, capacity=%d: %s"
              .formatted(message.getClass().getName(), target.capacity(), firstLine(e)),
          e);
    }
  }

  /**
   * Reads the message that fills the buffer. A shard's payload is a view of the buffer.
   *
   * @throws WireException when the bytes are not exactly one valid message
   */
  public Object decode(ByteBuffer message) {
    ByteBuffer bytes = message.slice().order(ByteOrder.LITTLE_ENDIAN);
    int length = bytes.remaining();
    if (length < PREFIX_BYTES || bytes.getInt(0) != MAGIC) {
      throw new WireException(
          "Not a message of this version; do all ranks run one version? bytes=" + length);
    }
    int id = Byte.toUnsignedInt(bytes.get(Integer.BYTES)) - ID_SHIFT;
    if (id < 0 || !ids.get(id)) {
      throw new WireException("A message of an unregistered class: id=" + id);
    }
    Object decoded;
    try {
      bytes.position(Integer.BYTES);
      input.setBuffer(bytes);
      decoded = kryo.readClassAndObject(input);
    } catch (KryoException
        | BufferUnderflowException
        | IllegalArgumentException
        | IndexOutOfBoundsException e) {
      throw new WireException(
          "A message is cut off or malformed: bytes=%d: %s".formatted(length, firstLine(e)), e);
    }
    if (input.position() != length) {
      throw new WireException(
          "A message is longer than its content: bytes=%d, content=%d"
              .formatted(length, input.position()));
    }
    return decoded;
  }

  private static String firstLine(RuntimeException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
