package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.sharding.wire.ByteShare;
import io.shardfire.sharding.wire.GradientShard;
import io.shardfire.sharding.wire.JoinGroup;
import io.shardfire.sharding.wire.MessageHeader;
import io.shardfire.sharding.wire.Operation;
import io.shardfire.sharding.wire.ReceiverReady;
import io.shardfire.sharding.wire.ShardPayload;
import io.shardfire.sharding.wire.WireCodec;
import java.nio.ByteBuffer;
import java.time.Duration;

/** A peer that says whatever a test wants, valid or not, and hears the answer. */
final class RawPeer implements AutoCloseable {
  static final CollectiveKey KEY = new CollectiveKey(12, Phase.GRADIENT_REDUCE, 3);

  private final WireCodec codec = WireCodec.forPeers(1 << 20);
  private final Endpoint endpoint;
  private final Connection connection;

  RawPeer(NetworkConfiguration configuration, PeerAddress address) {
    endpoint = Endpoint.connecting(configuration);
    connection = endpoint.connect(address, "the node under test");
  }

  static JoinGroup join(int generation, int sender, int worldSize) {
    return new JoinGroup(
        LoopbackWorld.GROUP, generation, sender, worldSize, LoopbackWorld.CHUNK_BYTES);
  }

  static MessageHeader header(Operation operation) {
    return header(KEY, operation);
  }

  static MessageHeader header(CollectiveKey key, Operation operation) {
    return new MessageHeader(LoopbackWorld.GROUP, LoopbackWorld.GENERATION, 1, key, operation);
  }

  static ReceiverReady ready(Operation operation, int length) {
    return new ReceiverReady(header(operation), length);
  }

  static ByteShare bytes(int length) {
    return new ByteShare(header(Operation.ALL_GATHER_BYTES), new byte[length]);
  }

  static GradientShard shard(Operation operation, int chunk, int offset, int count) {
    return shard(operation, chunk, offset, new float[count]);
  }

  /** The first chunk of a range. */
  static GradientShard shard(Operation operation, float[] floats) {
    return shard(operation, 0, 0, floats);
  }

  private static GradientShard shard(Operation operation, int chunk, int offset, float[] floats) {
    FloatRange range = new FloatRange(floats, 0, floats.length);
    return new GradientShard(
        header(operation), chunk, offset, new ShardPayload.OfFloats(ElementType.FP32, range));
  }

  /** Sends a message and returns why it was refused, empty when it was not. */
  String say(Object message) {
    return say(encode(message));
  }

  String say(ByteBuffer bytes) {
    return connection.ask(bytes, Duration.ofSeconds(60)).orElse("");
  }

  ByteBuffer encode(Object message) {
    ByteBuffer bytes = ByteBuffer.allocate((1 << 20) + GradientShard.MAX_OVERHEAD);
    codec.encode(message, bytes);
    return bytes;
  }

  /** Goes away without a word. */
  void vanish() {
    connection.close();
  }

  @Override
  public void close() {
    connection.close();
    endpoint.close();
  }
}
