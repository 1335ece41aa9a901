package io.shardfire.sharding.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import io.shardfire.sharding.wire.GradientShard;
import io.shardfire.sharding.wire.JoinGroup;
import io.shardfire.sharding.wire.WireCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a connection may do before it has joined, and how little the other side keeps of it. */
class NewcomerTest {
  private static final int LIMIT = NewcomerLimits.DEFAULT.frameBytes();
  private static final NetworkConfiguration OPEN =
      LoopbackWorld.configuration(Duration.ofSeconds(60));

  /** Who listens, and how. */
  private enum Listening {
    RANK,
    RANK_WITH_SASL,
    RANK_WITH_AES,
    DRIVER,
    DRIVER_WITH_AES;

    NetworkConfiguration configuration() {
      if (this == RANK || this == DRIVER) {
        return OPEN;
      }
      Map<String, String> spark =
          Map.of(
              "spark.authenticate",
              "true",
              "spark.network.crypto.enabled",
              String.valueOf(this != RANK_WITH_SASL));
      return new NetworkConfiguration(
          "127.0.0.1", spark, "a secret", Duration.ofSeconds(60), 4096, false, PortRange.ANY);
    }

    interface Body {
      void run(PeerAddress address) throws Exception;
    }

    void run(Body body) throws Exception {
      if (name().startsWith("RANK")) {
        try (NetworkNode node = NetworkNode.start(configuration())) {
          body.run(node.address());
        }
      } else {
        try (ControlServer server = ControlServer.start(configuration(), message -> {})) {
          body.run(server.address());
        }
      }
    }
  }

  private static String tooLong(String name, long bytes, int limit) {
    return "Closed the connection %s: a frame of a wrong length, and nothing of it was kept; is it a rank of this run, of the same version and cluster.chunkBytes? bytes=%d, limit=%d"
        .formatted(name, bytes, limit);
  }

  @ParameterizedTest
  @EnumSource
  void shouldCloseAtTheLengthOfAFrameThatIsTooLong(Listening listening) throws Exception {
    for (long bytes : new long[] {LIMIT + 1, 300L << 20, Long.MAX_VALUE - 8, 0, -9}) {
      try (LogCapture log = LogCapture.open(Level.INFO)) {
        listening.run(
            address -> {
              try (Stranger stranger = new Stranger(address)) {
                stranger.announceFrame(bytes);

                // Not a byte of the body was sent, so nothing but the length can have closed it.
                assertTrue(stranger.wasClosed(), "bytes=" + bytes);
                assertEquals(tooLong(stranger.name(), bytes, LIMIT), log.await("Closed").strip());
              }
            });
      }
    }
  }

  /** Lengths within a frame that Spark's decoders would have allocated. */
  @ParameterizedTest
  @EnumSource
  void shouldCloseAtAMessageThatRanksDoNotSend(Listening listening) throws Exception {
    byte[] two31 = {0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff};
    List<byte[]> wrong =
        List.of(
            frame(6, two31), // a stream's name
            frame(10, two31), // an upload
            frame(0, two31), // a chunk
            frame(4, two31), // an answer to nothing
            frame(5, two31), // a failure's text
            frame(3, new byte[] {(byte) 0xfb, 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0}),
            frame(3, new byte[] {(byte) 0xfb, 0, 0, 0, 1, 65, -1, 0, 0, 0}),
            frame(3, new byte[] {(byte) 0xea, 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0}),
            frame(3, new byte[] {(byte) 0xea, 0}));
    for (byte[] message : wrong) {
      try (LogCapture log = LogCapture.open(Level.INFO)) {
        listening.run(
            address -> {
              try (Stranger stranger = new Stranger(address)) {
                stranger.announceFrame(message.length);
                stranger.send(message);

                assertTrue(stranger.wasClosed(), "type=" + message[0]);
                assertEquals(
                    "Closed the connection %s: not a message that ranks send; is it a rank of this run? type=%d, bytes=%d"
                        .formatted(stranger.name(), message[0], message.length),
                    log.await("Closed").strip());
              }
            });
      }
    }
  }

  private static byte[] frame(int type, byte[] body) {
    return ByteBuffer.allocate(MessageGate.HEADER_BYTES + body.length)
        .put((byte) type)
        .position(MessageGate.HEADER_BYTES)
        .put(body)
        .array();
  }

  @Test
  void shouldGiveTheOldestPlaceAwayWhenThereAreTooMany() throws Exception {
    NewcomerLimits two = new NewcomerLimits(LIMIT, 2, Duration.ofSeconds(60));
    try (LogCapture log = LogCapture.open(Level.INFO);
        Endpoint endpoint = Endpoint.listening(OPEN, new AgreeablePeer(), two);
        Stranger first = greeted(endpoint.address());
        Stranger second = greeted(endpoint.address());
        Stranger third = greeted(endpoint.address())) {
      assertTrue(first.wasClosed());
      assertEquals(
          "Closed the connection "
              + first.name()
              + ": too many connections have not joined, and it was the oldest: limit=2",
          log.await("Closed").strip());
      second.sendRequest(ByteBuffer.allocate(1));
      assertEquals(0, second.answer().length);
      third.sendRequest(ByteBuffer.allocate(1));
      assertEquals(0, third.answer().length);
    }
  }

  /** Has its answer, and so its place. */
  private static Stranger greeted(PeerAddress address) throws IOException {
    Stranger stranger = new Stranger(address);
    stranger.sendRequest(ByteBuffer.allocate(1));
    assertEquals(0, stranger.answer().length);
    return stranger;
  }

  @Test
  void shouldCloseWhatDoesNotJoinInTime() throws Exception {
    NewcomerLimits brief = new NewcomerLimits(LIMIT, 2, Duration.ofMillis(1));
    try (LogCapture log = LogCapture.open(Level.INFO);
        Endpoint endpoint = Endpoint.listening(OPEN, new AgreeablePeer(), brief);
        Stranger stranger = new Stranger(endpoint.address())) {
      assertTrue(stranger.wasClosed());
      assertEquals(
          "Closed the connection "
              + stranger.name()
              + ": it has not joined in time, which is milliseconds=1",
          log.await("Closed").strip());
    }
  }

  @Test
  void shouldGiveThePlaceFreeWhenAConnectionJoinsOrEnds() {
    Newcomers newcomers = new Newcomers(new NewcomerLimits(LIMIT, 9, Duration.ofSeconds(5)));
    EmbeddedChannel joined = entered(newcomers);
    EmbeddedChannel announced = entered(newcomers);
    EmbeddedChannel ended = entered(newcomers);
    EmbeddedChannel late = entered(newcomers);
    assertEquals(4, newcomers.count());

    Newcomer.of(joined).joined(1 << 20);
    Newcomer.of(announced).announced();
    ended.close().syncUninterruptibly();

    assertEquals(2, newcomers.count());
    for (EmbeddedChannel channel : List.of(joined, announced, late)) {
      channel.advanceTimeBy(5, TimeUnit.SECONDS);
      channel.runScheduledPendingTasks();
    }
    assertTrue(joined.isOpen());
    assertTrue(announced.isOpen());
    assertFalse(late.isOpen());
    assertEquals(1, newcomers.count());
  }

  private static EmbeddedChannel entered(Newcomers newcomers) {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.freezeTime();
    newcomers.enter(channel);
    return channel;
  }

  @Test
  void shouldBoundAJoinedRankByTheLargestMessage() throws Exception {
    int limit = MessageGate.HEADER_BYTES + GradientShard.MAX_OVERHEAD + (16 << 20);
    try (LogCapture log = LogCapture.open(Level.INFO);
        Endpoint silent = Endpoint.listening(OPEN, new AgreeablePeer());
        NetworkNode node = NetworkNode.start(OPEN);
        Stranger rank = new Stranger(node.address())) {
      node.join(
          LoopbackWorld.GROUP,
          LoopbackWorld.GENERATION,
          0,
          List.of(node.address(), silent.address()));
      rank.sendRequest(encode(RawPeer.join(LoopbackWorld.GENERATION, 1, 2)));
      assertEquals(0, rank.answer().length);
      rank.sendRequest(encode(RawPeer.bytes(1_000_000)));
      assertEquals(0, rank.answer().length);

      rank.announceFrame(limit + 1);

      assertTrue(rank.wasClosed());
      assertEquals(tooLong(rank.name(), limit + 1, limit), log.await("Closed").strip());
    }
  }

  @Test
  void shouldKeepARankInItsBoundsUntilTheLocalOneHasJoinedToo() throws Exception {
    try (LogCapture log = LogCapture.open(Level.INFO);
        Endpoint silent = Endpoint.listening(OPEN, new AgreeablePeer());
        NetworkNode node = NetworkNode.start(OPEN)) {
      List<PeerAddress> peers = List.of(node.address(), silent.address());
      JoinGroup join = RawPeer.join(LoopbackWorld.GENERATION, 1, 2);
      try (Stranger early = new Stranger(node.address())) {
        early.sendRequest(encode(join));
        assertEquals(0, early.answer().length);
        early.announceFrame(LIMIT + 1);
        assertTrue(early.wasClosed());
        assertEquals(tooLong(early.name(), LIMIT + 1, LIMIT), log.await("Closed").strip());
      }
      JoinGroup other = new JoinGroup("tensor", 0, 1, 2, LoopbackWorld.CHUNK_BYTES);
      try (Stranger patient = new Stranger(node.address())) {
        patient.sendRequest(encode(other));
        assertEquals(0, patient.answer().length);

        node.join("tensor", 0, 0, peers);

        patient.sendRequest(ByteBuffer.allocate(1_000_000));
        Reply reply = Reply.read(ByteBuffer.wrap(patient.answer()));
        assertTrue(reply.refusal().orElseThrow().startsWith("Not a message of this version"));
      }
    }
  }

  private static ByteBuffer encode(Object message) {
    ByteBuffer bytes = ByteBuffer.allocate(2_000_000);
    WireCodec.forPeers(LoopbackWorld.CHUNK_BYTES).encode(message, bytes);
    return bytes;
  }

  @Test
  void shouldHoldFewEarlyMessagesOfRanksItDoesNotKnowYet() {
    try (NetworkNode node = NetworkNode.start(OPEN);
        RawPeer peer = new RawPeer(OPEN, node.address())) {
      assertEquals("", peer.say(RawPeer.join(LoopbackWorld.GENERATION, 1, 2)));
      for (int held = 0; held < EarlyMessages.MAX_BYTES_UNJOINED / 8000; held++) {
        assertEquals("", peer.say(RawPeer.bytes(8000)));
      }

      String refusal = peer.say(RawPeer.bytes(8000));

      assertTrue(
          refusal.startsWith(
              "A rank is too far ahead of this one: messages=8, bytes=64000, group="),
          refusal);
    }
  }

  @Test
  void shouldFailARequestWhoseConnectionIsClosedForIt() {
    try (NetworkNode node = NetworkNode.start(OPEN);
        Endpoint endpoint = Endpoint.connecting(OPEN);
        Connection connection = endpoint.connect(node.address(), "the node")) {
      ByteBuffer large = ByteBuffer.allocate(LIMIT);

      assertThrows(
          IllegalStateException.class, () -> connection.ask(large, Duration.ofSeconds(60)));
      assertThrows(
          IllegalStateException.class,
          () -> connection.ask(ByteBuffer.allocate(1), Duration.ofSeconds(60)));
    }
  }
}
