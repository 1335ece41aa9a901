package io.shardfire.sharding.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Pending;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.sharding.wire.GradientShard;
import io.shardfire.sharding.wire.JoinGroup;
import io.shardfire.sharding.wire.OfferSegment;
import io.shardfire.sharding.wire.Operation;
import io.shardfire.sharding.wire.PeerMessage;
import io.shardfire.sharding.wire.ReceiverReady;
import io.shardfire.sharding.wire.ShardInSegment;
import io.shardfire.sharding.wire.WireCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Rank 0 is a real node, rank 1 a test's. */
@EnabledOnOs(OS.LINUX)
class SharedMemoryTest {
  private static final Path FOLDER = Path.of("/dev/shm");
  private static final int CHUNK_BYTES = LoopbackWorld.CHUNK_BYTES;
  private static final int CHUNK_FLOATS = CHUNK_BYTES / Float.BYTES;
  private static final NetworkConfiguration SHARING = LoopbackWorld.sharing(Duration.ofSeconds(60));

  private final NetworkNode node = NetworkNode.start(SHARING);
  private final RawPeer peer = new RawPeer(SHARING, node.address());

  /** Listens as rank 1 and keeps what it hears; opens or refuses the segment it is offered. */
  private static final class Listener extends ReplyHandler {
    private final BlockingQueue<PeerMessage> messages = new LinkedBlockingQueue<>();
    private final BlockingQueue<SharedSegment> segments = new LinkedBlockingQueue<>();
    private final String refusal;
    private final WireCodec codec = WireCodec.forPeers(CHUNK_BYTES);

    Listener(String refusal) {
      this.refusal = refusal;
    }

    @Override
    public synchronized void receive(
        TransportClient client, ByteBuffer bytes, RpcResponseCallback callback) {
      PeerMessage message = (PeerMessage) codec.decode(bytes);
      ByteBuffer reply = Reply.accepted();
      if (refusal != null && message instanceof OfferSegment) {
        reply = Reply.refused(refusal);
      } else if (message instanceof OfferSegment offer) {
        segments.add(open(offer));
      }
      messages.add(message);
      callback.onSuccess(reply);
    }

    private static SharedSegment open(OfferSegment offer) {
      try {
        Path file = FOLDER.resolve(offer.segment());
        assertEquals(
            "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        return SharedSegment.open(offer.segment(), Sender.WINDOW, CHUNK_BYTES);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    <T> T next(Class<T> type) throws InterruptedException {
      return assertInstanceOf(type, messages.poll(60, TimeUnit.SECONDS));
    }
  }

  private static Communicator join(NetworkNode node, Endpoint other) {
    return node.join(
        LoopbackWorld.GROUP, LoopbackWorld.GENERATION, 0, List.of(node.address(), other.address()));
  }

  private static FloatRange numbers(int chunks) {
    float[] data = new float[chunks * CHUNK_FLOATS];
    for (int i = 0; i < data.length; i++) {
      data[i] = i;
    }
    return new FloatRange(data, 0, data.length);
  }

  @AfterEach
  void close() {
    peer.close();
    node.close();
  }

  private SharedSegment offer() throws IOException {
    SharedSegment segment = SharedSegment.create(Sender.WINDOW, CHUNK_BYTES);
    assertEquals("", peer.say(new OfferSegment(segment.name())));
    segment.unlink();
    return segment;
  }

  private static Pending gather(Communicator c, float[] all) {
    return c.allGather(
        RawPeer.KEY, new FloatRange(all, 0, CHUNK_FLOATS), new FloatRange(all, 0, all.length));
  }

  @Test
  void shouldLeaveChunksInSlotsAndSayWhere() throws Exception {
    Listener listener = new Listener(null);
    try (Endpoint endpoint = Endpoint.listening(SHARING, listener)) {
      Communicator c = join(node, endpoint);
      listener.next(JoinGroup.class);
      String name = listener.next(OfferSegment.class).segment();
      assertTrue(Files.notExists(FOLDER.resolve(name)), name + " keeps its name after joining");
      SharedSegment segment = listener.segments.remove();
      FloatRange data = numbers(10);

      peer.say(RawPeer.join(LoopbackWorld.GENERATION, 1, 2));
      c.broadcast(RawPeer.KEY, data, 0);
      peer.say(RawPeer.ready(Operation.BROADCAST, data.length()));

      WireCodec codec = WireCodec.forPeers(CHUNK_BYTES);
      Set<Integer> slots = new HashSet<>();
      for (int chunk = 0; chunk < 10; chunk++) {
        ShardInSegment place = listener.next(ShardInSegment.class);
        slots.add(place.slot());
        // A slot is written again only after its notice was answered, four chunks later or more.
        if (chunk >= 6) {
          GradientShard shard =
              (GradientShard) codec.decode(segment.message(place.slot(), place.bytes()));
          float[] floats = new float[CHUNK_FLOATS];
          shard.payload().copyTo(floats, 0);
          assertEquals(chunk, shard.chunk());
          assertEquals(chunk * CHUNK_FLOATS + 1f, floats[1]);
        }
      }
      assertEquals(Set.of(0, 1, 2, 3), slots);
    }
  }

  @Test
  void shouldTakeShardsFromSlotsAndRefuseWhatIsNotThere() throws Exception {
    try (Endpoint silent = Endpoint.listening(SHARING, new AgreeablePeer())) {
      Communicator c = join(node, silent);
      assertTrue(
          peer.say(new ShardInSegment(0, 100)).startsWith("An unknown sender"), "before joining");
      peer.say(RawPeer.join(LoopbackWorld.GENERATION, 1, 2));
      assertEquals(
          "No shared memory was offered: ShardInSegment[slot=0, bytes=100]",
          peer.say(new ShardInSegment(0, 100)));
      SharedSegment segment = offer();
      assertEquals(
          "Shared memory is offered once per connection: OfferSegment[segment=another]",
          peer.say(new OfferSegment("another")));
      float[] all = new float[2 * CHUNK_FLOATS];
      Pending pending = gather(c, all);
      float[] theirs = numbers(1).array();

      for (int slot : new int[] {-1, 4, Integer.MAX_VALUE}) {
        assertTrue(
            peer.say(new ShardInSegment(slot, 100))
                .startsWith("No such place in shared memory: slot=" + slot),
            "slot " + slot);
      }
      assertTrue(peer.say(new ShardInSegment(3, 1 << 20)).startsWith("No such place"), "size");
      assertTrue(peer.say(new ShardInSegment(3, -1)).startsWith("No such place"), "negative size");
      assertTrue(peer.say(new ShardInSegment(3, 100)).startsWith("Not a message"), "zeros");
      WireCodec codec = WireCodec.forPeers(CHUNK_BYTES);
      ByteBuffer first = segment.slot(1);
      codec.encode(new ShardInSegment(1, 20), first);
      assertEquals(
          "Only shards lie in shared memory: ShardInSegment[slot=1, bytes=20]",
          peer.say(new ShardInSegment(1, first.limit())));
      ByteBuffer last = segment.slot(3);
      codec.encode(RawPeer.shard(Operation.ALL_GATHER, theirs), last);
      assertEquals("", peer.say(new ShardInSegment(3, last.limit())));
      peer.say(RawPeer.ready(Operation.ALL_GATHER, CHUNK_FLOATS));

      pending.await();
      assertArrayEquals(theirs, Arrays.copyOfRange(all, CHUNK_FLOATS, 2 * CHUNK_FLOATS));
    }
  }

  @Test
  void shouldFailTheCollectiveWhenASlotIsDamaged() throws Exception {
    try (Endpoint silent = Endpoint.listening(SHARING, new AgreeablePeer())) {
      Communicator c = join(node, silent);
      peer.say(RawPeer.join(LoopbackWorld.GENERATION, 1, 2));
      SharedSegment segment = offer();
      float[] all = new float[2 * CHUNK_FLOATS];
      Pending pending = gather(c, all);
      ByteBuffer slot = segment.slot(0);
      WireCodec.forPeers(CHUNK_BYTES)
          .encode(RawPeer.shard(Operation.ALL_GATHER, numbers(1).array()), slot);
      slot.put(slot.limit() - 1, (byte) 99);

      String refusal = peer.say(new ShardInSegment(0, slot.limit()));

      assertTrue(refusal.startsWith("A payload was damaged on its way"), refusal);
      assertTrue(
          assertThrows(CollectiveException.class, pending::await)
              .getMessage()
              .startsWith("A payload was damaged on its way"));
    }
  }

  @Test
  void shouldRefuseSegmentsThatItCannotOpen() throws Exception {
    Path link = FOLDER.resolve("shardfire-" + "1".repeat(32));
    Path small = FOLDER.resolve("shardfire-" + "2".repeat(32));
    try (Endpoint silent = Endpoint.listening(SHARING, new AgreeablePeer())) {
      join(node, silent);
      peer.say(RawPeer.join(LoopbackWorld.GENERATION, 1, 2));
      Files.write(small, new byte[100]);
      Files.createSymbolicLink(link, small);
      for (String name : List.of("../../etc/passwd", "passwd", "shardfire-" + "3".repeat(32))) {
        String refusal = peer.say(new OfferSegment(name));
        assertTrue(
            refusal.startsWith("Cannot open shared memory: ") && refusal.contains(name), refusal);
      }
      String linked = peer.say(new OfferSegment(link.getFileName().toString()));
      assertTrue(linked.startsWith("Cannot open shared memory: "), linked);
      String wrongSize = peer.say(new OfferSegment(small.getFileName().toString()));
      assertTrue(wrongSize.contains("bytes=100, expected="), wrongSize);
    } finally {
      Files.deleteIfExists(link);
      Files.deleteIfExists(small);
    }
  }

  @Test
  void shouldSendOverTheNetworkToAPeerThatCannotOpenTheSegment() throws Exception {
    Listener listener = new Listener("another container");
    try (LogCapture log = LogCapture.open();
        Endpoint endpoint = Endpoint.listening(SHARING, listener)) {
      Communicator c = join(node, endpoint);
      listener.next(JoinGroup.class);
      listener.next(OfferSegment.class);
      peer.say(RawPeer.join(LoopbackWorld.GENERATION, 1, 2));
      FloatRange data = numbers(1);
      c.broadcast(RawPeer.KEY, data, 0);
      peer.say(RawPeer.ready(Operation.BROADCAST, data.length()));

      listener.next(GradientShard.class);

      assertTrue(
          log.text().contains("gets its chunks over the network: another container"), log.text());
    }
  }

  @Test
  void shouldOfferNoMemoryWhenTrafficIsEncrypted() throws Exception {
    Map<String, String> spark = new HashMap<>(LoopbackWorld.CONNECT_AMPLY);
    spark.put("spark.authenticate", "true");
    spark.put("spark.network.crypto.enabled", "true");
    NetworkConfiguration encrypted =
        new NetworkConfiguration(
            "127.0.0.1",
            spark,
            "a secret of the tests",
            Duration.ofSeconds(60),
            CHUNK_BYTES,
            true,
            PortRange.ANY);
    Listener listener = new Listener(null);
    try (Endpoint endpoint = Endpoint.listening(encrypted, listener);
        NetworkNode quiet = NetworkNode.start(encrypted)) {
      Communicator c = join(quiet, endpoint);
      listener.next(JoinGroup.class);
      c.broadcast(new CollectiveKey(1, Phase.LOSS, 0), numbers(1), 1);

      listener.next(ReceiverReady.class);
    }
  }
}
