package io.shardfire.sharding.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.sharding.wire.GradientShard;
import io.shardfire.sharding.wire.JoinGroup;
import io.shardfire.sharding.wire.Operation;
import io.shardfire.sharding.wire.ReceiverReady;
import io.shardfire.sharding.wire.WireCodec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;
import org.junit.jupiter.api.Test;

class BackpressureTest {
  private static final NetworkConfiguration CONFIGURATION =
      LoopbackWorld.configuration(Duration.ofSeconds(60));

  /** Listens as rank 1, joins and asks are accepted, shards are never answered. */
  private static final class SlowPeer extends ReplyHandler {
    private final BlockingQueue<Object> messages = new LinkedBlockingQueue<>();
    private final BlockingQueue<RpcResponseCallback> unanswered = new LinkedBlockingQueue<>();
    private final ThreadLocal<WireCodec> codec =
        ThreadLocal.withInitial(() -> WireCodec.forPeers(LoopbackWorld.CHUNK_BYTES));

    @Override
    public void receive(TransportClient client, ByteBuffer bytes, RpcResponseCallback callback) {
      Object message = codec.get().decode(bytes);
      if (message instanceof GradientShard) {
        unanswered.add(callback);
      } else {
        callback.onSuccess(Reply.accepted());
      }
      messages.add(message);
    }

    <T> T next(Class<T> type) throws InterruptedException {
      return assertInstanceOf(type, messages.poll(60, TimeUnit.SECONDS));
    }
  }

  @Test
  void shouldKeepAtMostFourChunksUnacknowledged() throws Exception {
    SlowPeer slow = new SlowPeer();
    try (Endpoint endpoint = Endpoint.listening(CONFIGURATION, slow);
        NetworkNode node = NetworkNode.start(CONFIGURATION);
        RawPeer voice = new RawPeer(CONFIGURATION, node.address())) {
      Communicator c =
          node.join(
              LoopbackWorld.GROUP,
              LoopbackWorld.GENERATION,
              0,
              List.of(node.address(), endpoint.address()));
      slow.next(JoinGroup.class);
      voice.say(RawPeer.join(LoopbackWorld.GENERATION, 1, 2));
      FloatRange ten = new FloatRange(new float[10 * LoopbackWorld.CHUNK_BYTES / 4], 0, 10_240);
      c.broadcast(RawPeer.KEY, ten, 0);
      voice.say(RawPeer.ready(Operation.BROADCAST, 10_240));
      for (int chunk = 0; chunk < 4; chunk++) {
        assertEquals(chunk, slow.next(GradientShard.class).chunk());
      }
      // Sent after everything that the first collective could send: no fifth chunk comes before.
      c.broadcast(new CollectiveKey(13, Phase.NORM, 0), ten, 1);
      slow.next(ReceiverReady.class);

      slow.unanswered.take().onSuccess(Reply.accepted());

      assertEquals(4, slow.next(GradientShard.class).chunk());
    }
  }

  @Test
  void shouldCarryChunksThatTakeSeveralReads() throws Exception {
    NetworkConfiguration large =
        new NetworkConfiguration(
            "127.0.0.1", Map.of(), null, Duration.ofSeconds(60), 1 << 20, false, PortRange.ANY);
    int length = 2 * 700_001;
    try (LoopbackWorld world = LoopbackWorld.open(2, large)) {
      world.onEveryRank(
          c -> {
            float[] data = new float[length];
            float[] expected = new float[length];
            for (int i = 0; i < length; i++) {
              data[i] = (c.rank() + 1) * i;
              expected[i] = 1f * i + 2f * i;
            }
            c.allReduce(RawPeer.KEY, new FloatRange(data, 0, length), ElementType.FP32).await();
            assertArrayEquals(expected, data);
          });
    }
  }

  @Test
  void shouldUseReceiveBuffersAgain() {
    FloatBuffers buffers = new FloatBuffers();
    float[] small = buffers.take(100);
    float[] large = buffers.take(1000);
    buffers.give(large);
    buffers.give(small);

    // A longer one must not stand in for a shorter: the plan counts each length as often as it is
    // in use at once.
    assertNotSame(small, buffers.take(90));
    assertSame(large, buffers.take(1000));
    assertSame(small, buffers.take(100));
    assertNotSame(small, buffers.take(100));
    assertEquals(100 + 1000 + 90 + 100, buffers.floats());
  }
}
