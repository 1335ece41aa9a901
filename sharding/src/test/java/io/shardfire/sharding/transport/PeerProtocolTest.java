package io.shardfire.sharding.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Pending;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.sharding.wire.GradientShard;
import io.shardfire.sharding.wire.JoinGroup;
import io.shardfire.sharding.wire.MessageHeader;
import io.shardfire.sharding.wire.Operation;
import io.shardfire.sharding.wire.ReceiverReady;
import io.shardfire.sharding.wire.ShardPayload;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rank 0 is a real node; rank 1 breaks the rules. */
class PeerProtocolTest {
  /** One chunk and a rest. */
  private static final int LENGTH = LoopbackWorld.CHUNK_BYTES / 4 + 10;

  private static final int GENERATION = LoopbackWorld.GENERATION;
  private static final Operation GATHER = Operation.ALL_GATHER;

  private final NetworkConfiguration configuration =
      LoopbackWorld.configuration(Duration.ofSeconds(60));
  private final NetworkNode node = NetworkNode.start(configuration);
  private final Endpoint silent = Endpoint.listening(configuration, new AgreeablePeer());
  private final List<PeerAddress> peers = List.of(node.address(), silent.address());
  private final RawPeer peer = new RawPeer(configuration, node.address());
  private Communicator communicator;

  @BeforeEach
  void join() {
    communicator = node.join(LoopbackWorld.GROUP, GENERATION, 0, peers);
  }

  @AfterEach
  void close() {
    peer.close();
    node.close();
    silent.close();
  }

  private void joinAsRankOne() {
    assertEquals("", peer.say(RawPeer.join(GENERATION, 1, 2)));
  }

  private Pending gather() {
    FloatRange all = new FloatRange(new float[2 * LENGTH], 0, 2 * LENGTH);
    return communicator.allGather(RawPeer.KEY, new FloatRange(all.array(), 0, LENGTH), all);
  }

  private static void assertStarts(String start, String text) {
    assertTrue(text.startsWith(start), text);
  }

  private static void assertFails(String start, Pending pending) {
    String text = assertThrows(CollectiveException.class, pending::await).getMessage();
    assertStarts(start, text);
    assertTrue(
        text.endsWith(", rank=0, phase=GRADIENT_REDUCE, unit=3, step=12")
            && text.contains(", group=data, generation=4, host=127.0.0.1:"),
        text);
  }

  @Test
  void shouldRefuseStaleGenerations() {
    assertEquals(
        "A rank of a stale generation: currentGeneration=4, JoinGroup[group=data, generation=3,"
            + " sender=1, worldSize=2, chunkBytes=4096]",
        peer.say(RawPeer.join(3, 1, 2)));
  }

  @Test
  void shouldRefuseUnknownSenders() {
    assertStarts("An unknown sender: JoinGroup", peer.say(RawPeer.join(GENERATION, 2, 2)));
    assertStarts("An unknown sender: JoinGroup", peer.say(RawPeer.join(GENERATION, -1, 2)));
    assertStarts(
        "An unknown sender: rank=0, worldSize=2, JoinGroup",
        peer.say(RawPeer.join(GENERATION, 0, 2)));
    assertStarts(
        "An unknown sender: rank=0, worldSize=2, JoinGroup",
        peer.say(RawPeer.join(GENERATION, 2, 3)));
    assertStarts(
        "An unknown sender: its connection has joined no group:"
            + " ReceiverReady[header=MessageHeader[group=data, generation=4, sender=1",
        peer.say(RawPeer.ready(GATHER, 10)));
  }

  @Test
  void shouldRefuseASenderThatIsNotTheOneThatJoined() {
    joinAsRankOne();
    MessageHeader other = new MessageHeader("data", GENERATION, 0, RawPeer.KEY, GATHER);
    MessageHeader older = new MessageHeader("data", GENERATION - 1, 1, RawPeer.KEY, GATHER);

    assertStarts(
        "An unknown sender or generation: joinedGroup=data, joinedGeneration=4, joinedSender=1,"
            + " group=data, generation=4, sender=0",
        peer.say(new ReceiverReady(other, 1)));
    assertStarts(
        "An unknown sender or generation: joinedGroup=data, joinedGeneration=4, joinedSender=1,"
            + " group=data, generation=3, sender=1",
        peer.say(new ReceiverReady(older, 1)));
    assertStarts("A connection carries one rank only", peer.say(RawPeer.join(GENERATION, 1, 2)));
  }

  @Test
  void shouldRefuseARankThatJoinsTwiceOrWithAnotherChunkSize() {
    joinAsRankOne();
    try (RawPeer second = new RawPeer(configuration, node.address())) {
      assertStarts("A rank joined twice: JoinGroup", second.say(RawPeer.join(GENERATION, 1, 2)));
      assertStarts(
          "The ranks have different chunk sizes; set the same: chunkBytes=4096, JoinGroup",
          second.say(new JoinGroup("data", GENERATION, 1, 2, 8192)));
    }
  }

  @Test
  void shouldFailTheCollectiveWhenAShardArrivesTwice() {
    joinAsRankOne();
    Pending pending = gather();
    assertEquals("", peer.say(RawPeer.shard(GATHER, 0, 0, 1024)));

    assertEquals(
        "A shard arrived twice: chunk=0, sender=1", peer.say(RawPeer.shard(GATHER, 0, 0, 1024)));
    assertFails("A shard arrived twice: chunk=0, sender=1", pending);
  }

  @Test
  void shouldFailTheCollectiveWhenAShardHasAWrongPlaceOrSize() {
    joinAsRankOne();
    int[][] wrong = {{0, 0, 1023}, {0, 1, 1024}, {1, 1024, 9}, {1, 1024, 11}, {2, 2048, 1}};
    for (int i = 0; i < wrong.length; i++) {
      int chunk = wrong[i][0];
      int offset = wrong[i][1];
      int count = wrong[i][2];
      CollectiveKey key = new CollectiveKey(i, Phase.NORM, 0);
      FloatRange all = new FloatRange(new float[2 * LENGTH], 0, 2 * LENGTH);
      Pending pending = communicator.allGather(key, new FloatRange(all.array(), 0, LENGTH), all);

      String expected =
          "A shard has a wrong place or size: chunk=%d, offset=%d, count=%d"
              .formatted(chunk, offset, count);
      assertStarts(
          expected,
          peer.say(
              new GradientShard(
                  RawPeer.header(key, GATHER),
                  chunk,
                  offset,
                  RawPeer.shard(GATHER, chunk, offset, count).payload())));
      CollectiveException error = assertThrows(CollectiveException.class, pending::await);
      assertStarts(expected, error.getMessage());
    }
  }

  /** A chunk of 16-bit elements has twice as many, and none is taken for one of 32 bits. */
  @Test
  void shouldFailTheCollectiveWhenAShardHasAnotherElementType() {
    joinAsRankOne();
    Pending pending = gather();
    FloatRange chunk = new FloatRange(new float[1024], 0, 1024);

    String expected =
        "The ranks do not issue the same collective: rank 1 sends elementType=BF16, rank 0 expects"
            + " elementType=FP32, sender=1";
    assertEquals(
        expected,
        peer.say(
            new GradientShard(
                RawPeer.header(GATHER), 0, 0, new ShardPayload.OfFloats(ElementType.BF16, chunk))));
    assertFails(expected, pending);
  }

  @Test
  void shouldFailTheCollectiveWhenAPayloadIsDamaged() {
    joinAsRankOne();
    Pending pending = gather();
    ByteBuffer bytes = peer.encode(RawPeer.shard(GATHER, 0, 0, 1024));
    bytes.put(bytes.limit() - 1, (byte) 1);

    assertStarts("A payload was damaged on its way: expectedCrc32c=", peer.say(bytes));
    assertFails("A payload was damaged on its way: expectedCrc32c=", pending);
  }

  @Test
  void shouldRefuseShardsNobodyAskedFor() {
    joinAsRankOne();

    assertStarts(
        "A shard that this rank did not ask for, or of a collective that has already ended here:"
            + " chunk=0, group=data, generation=4, sender=1, operation=allGather,"
            + " phase=GRADIENT_REDUCE, unit=3, step=12",
        peer.say(RawPeer.shard(GATHER, 0, 0, 1024)));
  }

  @Test
  void shouldFailTheCollectiveWhenARankAsksTwiceOrForAnotherLength() {
    joinAsRankOne();
    Pending pending = gather();
    assertEquals("", peer.say(RawPeer.ready(GATHER, LENGTH)));

    assertEquals("A rank asked twice, sender=1", peer.say(RawPeer.ready(GATHER, LENGTH)));
    assertFails("A rank asked twice, sender=1", pending);
    assertStarts(
        "The collective has failed here: A rank asked twice, sender=1: group=data, generation=4,"
            + " sender=1",
        peer.say(RawPeer.ready(GATHER, LENGTH)));
  }

  @Test
  void shouldTellRanksThatComeLateWhoFailedTheCollective() {
    joinAsRankOne();
    Pending pending = gather();
    silent.close();
    String lost =
        "Rank 1 at " + silent.address() + " has left the group or its connection was lost";
    assertFails(lost, pending);

    String expected = "The collective has failed here: " + lost + ": group=data, generation=4";
    assertStarts(expected, peer.say(RawPeer.ready(GATHER, LENGTH)));
    assertStarts(expected, peer.say(RawPeer.shard(GATHER, 0, 0, 1024)));
  }

  @Test
  void shouldFailAtOnceWhenAPeerVanishesInTheMiddle() {
    joinAsRankOne();
    Pending pending = gather();
    Pending summing =
        communicator.allReduce(
            new CollectiveKey(12, Phase.LOSS, 0),
            new FloatRange(new float[4000], 0, 4000),
            ElementType.FP32);
    assertEquals("", peer.say(RawPeer.shard(GATHER, 0, 0, 1024)));
    peer.vanish();

    String lost =
        "Rank 1 at " + silent.address() + " has left the group or its connection was lost";
    assertFails(lost, pending);
    assertStarts(lost, assertThrows(CollectiveException.class, summing::await).getMessage());
  }

  @Test
  void shouldFailAtOnceWhenAPeersNodeStops() {
    Pending pending = gather();
    silent.close();

    assertFails("Rank 1 at " + silent.address() + " has left the group", pending);
  }

  @Test
  void shouldHoldEarlyMessagesUntilTheyAreWanted() {
    joinAsRankOne();
    assertEquals("", peer.say(RawPeer.bytes(5)));

    byte[][] all = communicator.allGatherBytes(RawPeer.KEY, new byte[3]);

    assertArrayEquals(new byte[][] {new byte[3], new byte[5]}, all);
    assertStarts(
        "The collective has already ended here, or its key was used twice: group=data",
        peer.say(RawPeer.bytes(5)));
  }

  @Test
  void shouldBoundWhatItHoldsEarly() {
    joinAsRankOne();
    for (int step = 0; step < EarlyMessages.MAX_MESSAGES; step++) {
      CollectiveKey key = new CollectiveKey(step, Phase.LOSS, 0);
      assertEquals("", peer.say(new ReceiverReady(RawPeer.header(key, GATHER), 1)));
    }

    assertStarts(
        "A rank is too far ahead of this one: messages=4096, bytes=0, group=data, generation=4,"
            + " sender=1",
        peer.say(RawPeer.ready(GATHER, 1)));
  }

  @Test
  void shouldRefuseBytesThatAreNoMessage() {
    joinAsRankOne();

    assertEquals(
        "Not a message of this version; do all ranks run one version? bytes=7",
        peer.say(ByteBuffer.wrap("GET / x".getBytes(StandardCharsets.UTF_8))));
  }

  @Test
  void shouldEndAnOlderGenerationWhenANewerOneIsJoined() {
    joinAsRankOne();
    Pending pending = gather();

    node.join(LoopbackWorld.GROUP, GENERATION + 1, 0, peers);

    assertFails("This rank has left the group", pending);
    assertStarts("This rank has left the group", peer.say(RawPeer.ready(GATHER, LENGTH)));
  }

  @Test
  void shouldJoinEachGenerationOnceAndOnlyForward() {
    for (int generation : new int[] {GENERATION, GENERATION - 1, -1}) {
      CollectiveException error =
          assertThrows(CollectiveException.class, () -> node.join("data", generation, 0, peers));
      assertEquals(
          "A group is joined once per generation, each newer than the last: group=data,"
              + " generation="
              + generation
              + ", lastGeneration=4",
          error.getMessage());
    }
  }

  @Test
  void shouldKeepGroupsApart() {
    Communicator other = node.join("tensor", 0, 0, peers);
    joinAsRankOne();
    Pending pending = gather();
    other.close();

    assertEquals("", peer.say(RawPeer.shard(GATHER, 0, 0, 1024)));
    peer.vanish();
    assertFails("Rank 1 at ", pending);
  }

  @Test
  void shouldNameAPeerThatCannotBeReached() {
    PeerAddress gone = LoopbackWorld.nobody();

    CollectiveException error =
        assertThrows(
            CollectiveException.class,
            () -> node.join("late", 0, 0, List.of(node.address(), gone)));
    assertStarts("Cannot connect to rank 1 at " + gone, error.getMessage());
  }

  @Test
  void shouldRefuseARankWhoseAddressIsAnothers() {
    CollectiveException error =
        assertThrows(CollectiveException.class, () -> node.join("swapped", 0, 1, peers));
    assertStarts(
        "The rank's address must be this node's: rank=1, peers=[" + node.address(),
        error.getMessage());
  }
}
