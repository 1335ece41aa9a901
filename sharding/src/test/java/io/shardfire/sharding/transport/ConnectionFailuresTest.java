package io.shardfire.sharding.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Pending;
import io.shardfire.sharding.wire.WireCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.logging.log4j.Level;
import org.apache.spark.network.protocol.RpcFailure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user reads of ordinary events, with logging from INFO on as Spark's own has it. */
class ConnectionFailuresTest {
  private static final NetworkConfiguration OPEN =
      LoopbackWorld.configuration(Duration.ofSeconds(60));

  private static NetworkConfiguration secret(String secret, boolean aes) {
    Map<String, String> spark =
        Map.of("spark.authenticate", "true", "spark.network.crypto.enabled", String.valueOf(aes));
    return new NetworkConfiguration(
        "127.0.0.1", spark, secret, Duration.ofSeconds(60), 4096, false, PortRange.ANY);
  }

  /** Every entry is one line: no stack traces. */
  private static void assertLines(LogCapture log) {
    for (String entry : log.entries()) {
      assertEquals(1, entry.strip().lines().count(), entry);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldTellOfARefusedAuthenticationInOneLine(boolean aes) throws Exception {
    try (LogCapture log = LogCapture.open(Level.INFO);
        NetworkNode right = NetworkNode.start(secret("right", aes));
        Endpoint wrong = Endpoint.connecting(secret("wrong", aes))) {
      assertThrows(
          CollectiveException.class, () -> wrong.connect(right.address(), "the node").close());

      String line = log.await("it did not authenticate");
      assertTrue(line.startsWith("Closed the connection from /127.0.0.1:"), line);
      assertLines(log);
    }
  }

  /** Whether a read fails or only ends then is the system's choice; the former is logged. */
  @Test
  void shouldTellOfAPeerThatDiesInOneLineAtMost() throws Exception {
    try (LogCapture log = LogCapture.open(Level.INFO);
        Endpoint silent = Endpoint.listening(OPEN, new AgreeablePeer());
        NetworkNode node = NetworkNode.start(OPEN);
        Stranger rank = new Stranger(node.address())) {
      Communicator communicator =
          node.join(
              LoopbackWorld.GROUP,
              LoopbackWorld.GENERATION,
              0,
              List.of(node.address(), silent.address()));
      ByteBuffer join = ByteBuffer.allocate(200);
      WireCodec.forPeers(4096).encode(RawPeer.join(LoopbackWorld.GENERATION, 1, 2), join);
      rank.sendRequest(join);
      assertEquals(0, rank.answer().length);
      Pending pending =
          communicator.allReduce(
              RawPeer.KEY, new FloatRange(new float[4096], 0, 4096), ElementType.FP32);

      rank.reset();

      String lost = assertThrows(CollectiveException.class, pending::await).getMessage();
      assertTrue(lost.startsWith("Rank 1 at " + silent.address() + " has left the group"), lost);
      assertLines(log);
    }
  }

  @Test
  void shouldFailWhatAPeerLeavesOpenWithoutAWordOfTheTransport() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    try (LogCapture log = LogCapture.open(Level.INFO);
        Endpoint mute = Endpoint.listening(OPEN, new MutePeer(asked));
        NetworkNode node = NetworkNode.start(OPEN)) {
      CollectiveException error =
          assertThrows(
              CollectiveException.class,
              () -> {
                Thread closing = new Thread(() -> closeOnceAsked(asked, mute), "closing");
                closing.start();
                node.join(
                    LoopbackWorld.GROUP,
                    LoopbackWorld.GENERATION,
                    0,
                    List.of(node.address(), mute.address()));
              });

      assertTrue(error.getMessage().contains(" did not answer: JoinGroup"), error.getMessage());
      assertLines(log);
      assertFalse(log.text().contains("outstanding"), log.text());
    }
  }

  private static void closeOnceAsked(CountDownLatch asked, Endpoint mute) {
    try {
      asked.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    mute.close();
  }

  @Test
  void shouldSayNothingOfMessagesToAPeerThatIsGone() throws Exception {
    try (LogCapture log = LogCapture.open(Level.INFO)) {
      LoopbackWorld world = LoopbackWorld.open(2, OPEN);
      float[] data = new float[4096];
      world.nodes().get(1).close();
      Pending pending =
          world
              .communicators()
              .get(0)
              .allReduce(RawPeer.KEY, new FloatRange(data, 0, 4096), ElementType.FP32);
      assertThrows(CollectiveException.class, pending::await);
      world.close();

      assertLines(log);
    }
  }

  @Test
  void shouldEndAConnectionThatTakesNoAnswer() {
    EmbeddedChannel channel = new EmbeddedChannel(new BrokenPipe(), ConnectionFailures.INSTANCE);

    ChannelFuture sent = channel.writeAndFlush(new RpcFailure(3, "text"));

    assertTrue(sent.isSuccess(), "Spark would log the failure");
    assertFalse(channel.isOpen());
    assertTrue(new EmbeddedChannel(new BrokenPipe()).writeAndFlush("other").cause() != null);
  }

  @Test
  void shouldEndAConnectionThatCannotBeRead() throws Exception {
    try (LogCapture log = LogCapture.open(Level.INFO)) {
      EmbeddedChannel reset = new EmbeddedChannel(ConnectionFailures.INSTANCE);
      EmbeddedChannel wrong = new EmbeddedChannel(ConnectionFailures.INSTANCE);

      reset.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
      wrong.pipeline().fireExceptionCaught(new OutOfMemoryError("full"));

      assertEquals(
          "The connection to embedded was lost: Connection reset by peer",
          log.await("reset").strip());
      assertEquals(
          "Closed the connection to embedded: what it sent cannot be read:"
              + " java.lang.OutOfMemoryError: full",
          log.await("full").strip());
      assertLines(log);
      assertFalse(reset.isOpen());
      assertFalse(wrong.isOpen());
    }
  }

  private static final class BrokenPipe extends ChannelOutboundHandlerAdapter {
    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      promise.setFailure(new IOException("Broken pipe"));
    }
  }
}
