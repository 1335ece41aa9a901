package io.shardfire.sharding.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.sharding.collective.CollectiveException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ControlChannelTest {
  private static final NetworkConfiguration AMPLE =
      LoopbackWorld.configuration(Duration.ofSeconds(60));

  private static ControlMessage message(int rank, String json) {
    return new ControlMessage(2, rank, "step", json);
  }

  private static String failure(ControlClient client, ControlMessage message) {
    return assertThrows(CollectiveException.class, () -> client.send(message)).getMessage();
  }

  @Test
  void shouldDeliverInOrderAndAcknowledgeAfterTheHandler() {
    List<ControlMessage> seen = new ArrayList<>();
    try (ControlServer server = ControlServer.start(AMPLE, seen::add);
        ControlClient client = ControlClient.connect(AMPLE, server.address())) {
      for (int i = 0; i < 50; i++) {
        client.send(message(i, "{\"loss\": " + i + ", \"text\": \"naïve 模型\"}"));
        assertEquals(i + 1, seen.size());
      }
    }
    for (int i = 0; i < 50; i++) {
      assertEquals(message(i, "{\"loss\": " + i + ", \"text\": \"naïve 模型\"}"), seen.get(i));
    }
  }

  @Test
  void shouldSayTheDriversWordWithEveryAcknowledgement() {
    List<String> words = new ArrayList<>();
    AtomicReference<String> word = new AtomicReference<>("");
    try (ControlServer server = ControlServer.start(AMPLE, message -> {}, word::get);
        ControlClient client = ControlClient.connect(AMPLE, server.address())) {
      words.add(client.send(message(0, "{}")));
      word.set("das Wort 词");
      words.add(client.send(message(1, "{}")));
      words.add(client.send(message(2, "{}")));
    }
    assertEquals(List.of("", "das Wort 词", "das Wort 词"), words);
  }

  @Test
  void shouldCallTheHandlerFromOneNamedThread() throws Exception {
    Set<String> threads = Collections.synchronizedSet(new HashSet<>());
    List<Integer> ranks = new ArrayList<>();
    Consumer<ControlMessage> handler =
        message -> {
          threads.add(Thread.currentThread().getName());
          ranks.add(message.rank());
        };
    ExecutorService senders = Executors.newFixedThreadPool(4);
    try (ControlServer server = ControlServer.start(AMPLE, handler);
        ControlClient client = ControlClient.connect(AMPLE, server.address())) {
      List<Future<?>> sent = new ArrayList<>();
      for (int rank = 0; rank < 40; rank++) {
        ControlMessage message = message(rank, "{}");
        sent.add(senders.submit(() -> client.send(message)));
      }
      for (Future<?> future : sent) {
        future.get();
      }
    } finally {
      senders.shutdownNow();
    }

    assertEquals(Set.of("shardfire-control"), threads);
    assertEquals(40, new HashSet<>(ranks).size());
    assertEquals(40, ranks.size());
  }

  @Test
  void shouldReportWhatTheHandlerThrewAndGoOn() {
    Consumer<ControlMessage> handler =
        message -> {
          if (message.rank() == 1) {
            throw new IllegalStateException("no such step");
          }
        };
    try (ControlServer server = ControlServer.start(AMPLE, handler);
        ControlClient client = ControlClient.connect(AMPLE, server.address())) {
      assertEquals(
          "The driver refused a report: kind=step, rank=1, generation=2, driver="
              + server.address()
              + ": The handler failed: java.lang.IllegalStateException: no such step",
          failure(client, message(1, "{}")));
      client.send(message(0, "{}"));
    }
  }

  @Test
  void shouldEndTheWaitAtTheDeadline() {
    CountDownLatch release = new CountDownLatch(1);
    Consumer<ControlMessage> handler =
        message -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    NetworkConfiguration brief = LoopbackWorld.configuration(Duration.ofMillis(300));
    try (ControlServer server = ControlServer.start(brief, handler);
        ControlClient client = ControlClient.connect(brief, server.address())) {
      assertEquals(
          "The driver did not answer within 300 ms, or its connection was lost: kind=step, rank=0,"
              + " generation=2, driver="
              + server.address(),
          failure(client, message(0, "{}")));
      release.countDown();
    }
  }

  @Test
  void shouldFailAtOnceWhenTheDriverIsGone() {
    ControlServer server = ControlServer.start(AMPLE, message -> {});
    PeerAddress address = server.address();
    try (ControlClient client = ControlClient.connect(AMPLE, address)) {
      server.close();

      assertEquals(
          "The driver did not answer within 60000 ms, or its connection was lost: kind=step,"
              + " rank=0, generation=2, driver="
              + address,
          failure(client, message(0, "{}")));
    }
  }

  @Test
  void shouldNameADriverThatCannotBeReached() {
    PeerAddress nobody = LoopbackWorld.nobody();

    String text =
        assertThrows(CollectiveException.class, () -> ControlClient.connect(AMPLE, nobody))
            .getMessage();
    assertTrue(text.startsWith("Cannot connect to the driver at " + nobody), text);
  }

  @Test
  void shouldCarryUpToTheLimitAndRefuseMore() {
    int overhead = 5 + 17 + "step".length();
    String largest = "x".repeat(ControlMessage.MAX_BYTES - overhead);
    List<Integer> lengths = new ArrayList<>();
    try (ControlServer server =
            ControlServer.start(AMPLE, message -> lengths.add(message.json().length()));
        ControlClient client = ControlClient.connect(AMPLE, server.address())) {
      client.send(message(0, largest));

      assertEquals(
          "The report is too large: kind=step, rank=0, generation=2, driver=" + server.address(),
          failure(client, message(0, largest + "x")));
      assertEquals(List.of(largest.length()), lengths);
    }
  }

  @Test
  void shouldTakeReportsOnlyAfterTheGreetingAndOneOfThose() {
    String order = "A connection says once that it is a rank's, and sends reports after that";
    List<ControlMessage> seen = new ArrayList<>();
    try (ControlServer server = ControlServer.start(AMPLE, seen::add);
        Endpoint endpoint = Endpoint.connecting(AMPLE);
        Connection connection = endpoint.connect(server.address(), "the driver")) {
      assertEquals(order, say(connection, message(0, "{}")));
      assertEquals("", say(connection, new ControlHello()));
      assertEquals(order, say(connection, new ControlHello()));
      assertEquals("", say(connection, message(1, "{}")));
      assertEquals(
          "Not a message of this version; do all ranks run one version? bytes=9",
          connection.ask(ByteBuffer.allocate(9), AMPLE.timeout()).orElseThrow());
      assertEquals(List.of(message(1, "{}")), seen);
    }
  }

  private static String say(Connection connection, Object message) {
    ByteBuffer bytes = ByteBuffer.allocate(200);
    ControlMessage.codec().encode(message, bytes);
    return connection.ask(bytes, AMPLE.timeout()).orElse("");
  }

  @Test
  void shouldWriteMessagesAsDrawn() {
    ByteBuffer bytes = ByteBuffer.allocate(100);
    ControlMessage.codec().encode(new ControlMessage(1, 2, "log", "123456789"), bytes);

    byte[] written = new byte[bytes.remaining()];
    bytes.get(written);
    assertEquals(
        "5346573122" // SFW1, class 32 + 2
            + "01000000"
            + "02000000"
            + "036c6f67"
            + "09000000"
            + "839206e3"
            + "313233343536373839",
        HexFormat.of().formatHex(written));
  }

  @Test
  void shouldRefuseAKindThatIsNoName() {
    assertEquals(
        "A report's kind has 1 to 64 visible ASCII characters: kind=two words",
        assertThrows(
                IllegalArgumentException.class, () -> new ControlMessage(0, 0, "two words", "{}"))
            .getMessage());
  }

  @Test
  void shouldNameTheAddressItCannotBind() {
    NetworkConfiguration foreign =
        new NetworkConfiguration(
            "192.0.2.1", Map.of(), null, Duration.ofSeconds(5), 4096, false, PortRange.ANY);

    String text =
        assertThrows(ListenException.class, () -> ControlServer.start(foreign, message -> {}))
            .getMessage();

    assertTrue(
        text.startsWith("Cannot listen; check that the address belongs to this machine")
            && text.contains("bindHost=192.0.2.1, ports=0: ")
            && text.contains("Cannot assign requested address"),
        text);
  }
}
