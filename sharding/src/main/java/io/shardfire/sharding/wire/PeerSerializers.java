package io.shardfire.sharding.wire;

import com.esotericsoftware.kryo.kryo5.io.ByteBufferInput;
import com.esotericsoftware.kryo.kryo5.io.ByteBufferOutput;
import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.sharding.collective.Phase;
import java.nio.ByteBuffer;
import java.util.function.ToIntFunction;

/** How messages between ranks are written; the layouts are drawn at the messages. */
final class PeerSerializers {
  private static final Phase[] PHASES = Phase.values();
  private static final Operation[] OPERATIONS = Operation.values();
  private static final ElementType[] ELEMENT_TYPES = ElementType.values();

  private PeerSerializers() {}

  private static void writeHeader(ByteBufferOutput output, MessageHeader header) {
    output.writeInt(header.generation());
    output.writeInt(header.sender());
    output.writeLong(header.key().step());
    output.writeInt(header.key().unit());
    output.writeByte(header.key().phase().code());
    output.writeByte(header.operation().code());
    MessageSerializer.writeName(output, header.group());
  }

  private static MessageHeader readHeader(ByteBufferInput input) {
    int generation = input.readInt();
    int sender = input.readInt();
    long step = input.readLong();
    int unit = input.readInt();
    Phase phase = constant("phase", PHASES, Phase::code, input.readByteUnsigned());
    Operation operation =
        constant("operation", OPERATIONS, Operation::code, input.readByteUnsigned());
    String group = MessageSerializer.readName(input);
    return new MessageHeader(
        group, generation, sender, new CollectiveKey(step, phase, unit), operation);
  }

  private static <E> E constant(String name, E[] constants, ToIntFunction<E> codeOf, int code) {
    for (E constant : constants) {
      if (codeOf.applyAsInt(constant) == code) {
        return constant;
      }
    }
    throw new WireException(
        "Unknown code in a message; do all ranks run one version? %s=%d".formatted(name, code));
  }

  static final class Join extends MessageSerializer<JoinGroup> {
    @Override
    protected void write(ByteBufferOutput output, JoinGroup message) {
      output.writeInt(message.generation());
      output.writeInt(message.sender());
      output.writeInt(message.worldSize());
      output.writeInt(message.chunkBytes());
      writeName(output, message.group());
    }

    @Override
    protected JoinGroup read(ByteBufferInput input) {
      int generation = input.readInt();
      int sender = input.readInt();
      int worldSize = input.readInt();
      int chunkBytes = input.readInt();
      return new JoinGroup(readName(input), generation, sender, worldSize, chunkBytes);
    }
  }

  static final class Offer extends MessageSerializer<OfferSegment> {
    @Override
    protected void write(ByteBufferOutput output, OfferSegment message) {
      writeName(output, message.segment());
    }

    @Override
    protected OfferSegment read(ByteBufferInput input) {
      return new OfferSegment(readName(input));
    }
  }

  static final class InSegment extends MessageSerializer<ShardInSegment> {
    @Override
    protected void write(ByteBufferOutput output, ShardInSegment message) {
      output.writeInt(message.slot());
      output.writeInt(message.bytes());
    }

    @Override
    protected ShardInSegment read(ByteBufferInput input) {
      return new ShardInSegment(input.readInt(), input.readInt());
    }
  }

  static final class Ready extends MessageSerializer<ReceiverReady> {
    @Override
    protected void write(ByteBufferOutput output, ReceiverReady message) {
      writeHeader(output, message.header());
      output.writeInt(message.length());
    }

    @Override
    protected ReceiverReady read(ByteBufferInput input) {
      return new ReceiverReady(readHeader(input), input.readInt());
    }
  }

  static final class Shard extends MessageSerializer<GradientShard> {
    private final int maxPayloadBytes;

    Shard(int maxPayloadBytes) {
      this.maxPayloadBytes = maxPayloadBytes;
    }

    @Override
    protected void write(ByteBufferOutput output, GradientShard message) {
      ShardPayload payload = message.payload();
      int count = payload.elements();
      checkCount(message.header(), count, payload.type());
      writeHeader(output, message.header());
      output.writeInt(message.chunk());
      output.writeByte(payload.type().code());
      output.writeInt(message.offset());
      output.writeInt(count);
      ByteBuffer buffer = output.getByteBuffer();
      int crcAt = output.position();
      int from = crcAt + Integer.BYTES;
      buffer.position(from);
      payload.writeTo(buffer);
      int to = buffer.position();
      buffer.putInt(crcAt, crc(buffer, from, to));
      output.setPosition(to);
    }

    @Override
    protected GradientShard read(ByteBufferInput input) {
      MessageHeader header = readHeader(input);
      int chunk = input.readInt();
      ElementType type =
          constant("elementType", ELEMENT_TYPES, ElementType::code, input.readByteUnsigned());
      int offset = input.readInt();
      int count = input.readInt();
      int expectedCrc = input.readInt();
      checkCount(header, count, type);
      int bytes = count * type.bytes();
      if (chunk < 0 || offset < 0 || bytes != remaining(input)) {
        throw new WireException(
            "A shard's sizes are wrong: chunk=%d, offset=%d, count=%d, payloadBytes=%d"
                .formatted(chunk, offset, count, remaining(input)),
            header);
      }
      int from = input.position();
      int actualCrc = crc(input.getByteBuffer(), from, from + bytes);
      checkCrc(header, expectedCrc, actualCrc);
      ShardPayload payload = new ShardPayload.OfBytes(type, slice(input, bytes));
      return new GradientShard(header, chunk, offset, payload);
    }

    private void checkCount(MessageHeader header, int count, ElementType type) {
      if (count < 1 || count > maxPayloadBytes / type.bytes()) {
        throw new WireException(
            "A shard's payload is empty or too large: count=%d, elementType=%s, limit=%d bytes"
                .formatted(count, type, maxPayloadBytes),
            header);
      }
    }
  }

  static final class Bytes extends MessageSerializer<ByteShare> {
    @Override
    protected void write(ByteBufferOutput output, ByteShare message) {
      checkLength(message.header(), message.bytes().length);
      writeHeader(output, message.header());
      writeBytes(output, message.bytes());
    }

    @Override
    protected ByteShare read(ByteBufferInput input) {
      MessageHeader header = readHeader(input);
      try {
        return new ByteShare(header, readBytes(input, ByteShare.MAX_BYTES));
      } catch (WireException e) {
        throw new WireException(e.getMessage(), header);
      }
    }

    private static void checkLength(MessageHeader header, int length) {
      if (length < 0 || length > ByteShare.MAX_BYTES) {
        throw new WireException(
            "A byte share is too large: length=%d, limit=%d".formatted(length, ByteShare.MAX_BYTES),
            header);
      }
    }
  }

  private static void checkCrc(MessageHeader header, int expected, int actual) {
    if (expected != actual) {
      throw new WireException(
          "A payload was damaged on its way: expectedCrc32c=%08x, actualCrc32c=%08x"
              .formatted(expected, actual),
          header);
    }
  }
}
