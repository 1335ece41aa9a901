package io.shardfire.sharding.transport;

import com.esotericsoftware.kryo.kryo5.io.ByteBufferInput;
import com.esotericsoftware.kryo.kryo5.io.ByteBufferOutput;
import io.shardfire.sharding.wire.MessageSerializer;
import io.shardfire.sharding.wire.WireCodec;
import java.nio.charset.StandardCharsets;

/**
 * A rank's report to the driver: {@code kind} names the report, {@code json} holds it.
 *
 * <pre>
 * byte  0  int32  generation
 *       4  int32  rank
 *       8  uint8  length of kind, k, 1 to 64
 *       9  k      kind, ASCII
 *     9+k  int32  length of json in bytes, n
 *    13+k  int32  CRC32C of json
 *    17+k  n      json, UTF-8
 * </pre>
 *
 * @param kind 1 to 64 visible ASCII characters
 */
public record ControlMessage(int generation, int rank, String kind, String json) {
  /** Most bytes of a whole message. */
  public static final int MAX_BYTES = 1 << 20;

  /** Checks the kind. */
  public ControlMessage {
    MessageSerializer.checkName("A report's kind", "kind", kind);
  }

  /** A codec of the messages of the control channel. */
  static WireCodec codec() {
    return new WireCodec()
        .register(ControlMessage.class, new Serializer(), 32)
        .register(ControlHello.class, new ControlHello.Serializer(), 33);
  }

  private static final class Serializer extends MessageSerializer<ControlMessage> {
    @Override
    protected void write(ByteBufferOutput output, ControlMessage message) {
      byte[] json = message.json().getBytes(StandardCharsets.UTF_8);
      output.writeInt(message.generation());
      output.writeInt(message.rank());
      writeName(output, message.kind());
      writeBytes(output, json);
    }

    @Override
    protected ControlMessage read(ByteBufferInput input) {
      int generation = input.readInt();
      int rank = input.readInt();
      String kind = readName(input);
      byte[] json = readBytes(input, MAX_BYTES);
      return new ControlMessage(generation, rank, kind, new String(json, StandardCharsets.UTF_8));
    }
  }
}
