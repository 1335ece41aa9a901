package io.shardfire.sharding.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Pending;
import io.shardfire.sharding.wire.GradientShard;
import io.shardfire.sharding.wire.MessageHeader;
import io.shardfire.sharding.wire.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Arrays are free only when no thread of the network touches them any more. */
class LeavingTest {
  private final NetworkConfiguration configuration =
      LoopbackWorld.configuration(Duration.ofSeconds(60));
  private final NetworkNode node = NetworkNode.start(configuration);
  private final Endpoint silent = Endpoint.listening(configuration, new AgreeablePeer());
  private final List<String> events = Collections.synchronizedList(new ArrayList<>());
  private NetworkCommunicator communicator;

  @BeforeEach
  void join() {
    communicator =
        (NetworkCommunicator)
            node.join(
                LoopbackWorld.GROUP,
                LoopbackWorld.GENERATION,
                0,
                List.of(node.address(), silent.address()));
    communicator.whenLeft(() -> events.add("free"));
  }

  @AfterEach
  void close() {
    node.close();
    silent.close();
  }

  /** Closes in a thread of its own, and returns when that waits for the network or has ended. */
  private Thread closing() {
    Thread thread = new Thread(communicator::close, "closing");
    thread.start();
    while (thread.isAlive()
        && Arrays.stream(thread.getStackTrace())
            .noneMatch(frame -> frame.getMethodName().equals("awaitQuiet"))) {
      Thread.onSpinWait();
    }
    return thread;
  }

  @Test
  void shouldWaitForAChunkThatIsBeingCopied() throws Exception {
    FloatRange all = new FloatRange(new float[2048], 0, 2048);
    Pending pending =
        communicator.allGather(RawPeer.KEY, new FloatRange(all.array(), 0, 1024), all);
    GradientShard shard = RawPeer.shard(Operation.ALL_GATHER, 0, 0, 1024);
    communicator.group().claim(shard);

    Thread closing = closing();
    events.add("copied");
    communicator.group().copied();
    closing.join(60_000);

    assertEquals(List.of("copied", "free"), events);
    assertThrows(CollectiveException.class, pending::await);
    assertThrows(CollectiveException.class, () -> communicator.group().claim(shard));
  }

  @Test
  void shouldWaitForASumThatIsBeingTaken() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    communicator.compute(
        () -> {
          try {
            go.await();
          } catch (InterruptedException e) {
            events.add("interrupted");
          }
          events.add("summed");
        },
        null);

    Thread closing = closing();
    go.countDown();
    closing.join(60_000);

    assertEquals(List.of("summed", "free"), events);
  }

  @Test
  void shouldFreeTheArraysWhenTheNodeIsClosedAndOnlyOnce() {
    node.close();
    communicator.close();
    communicator.whenLeft(() -> events.add("at once"));

    assertEquals(List.of("free", "at once"), events);
  }

  @Test
  void shouldFreeNothingThatIsStillBeingCopiedAtTheDeadline() throws Exception {
    NetworkConfiguration brief = LoopbackWorld.configuration(Duration.ofMillis(200));
    try (LogCapture log = LogCapture.open();
        NetworkNode hasty = NetworkNode.start(brief)) {
      NetworkCommunicator c =
          (NetworkCommunicator)
              hasty.join(LoopbackWorld.GROUP, 0, 0, List.of(hasty.address(), silent.address()));
      c.whenLeft(() -> events.add("freed too early"));
      Pending pending =
          c.allGather(
              RawPeer.KEY,
              new FloatRange(new float[10], 0, 10),
              new FloatRange(new float[20], 0, 20));
      c.group()
          .claim(
              new GradientShard(
                  new MessageHeader(LoopbackWorld.GROUP, 0, 1, RawPeer.KEY, Operation.ALL_GATHER),
                  0,
                  0,
                  RawPeer.shard(Operation.ALL_GATHER, 0, 0, 10).payload()));

      c.close();

      assertThrows(CollectiveException.class, pending::await);
      assertEquals(List.of(), events);
      String line = log.await("still uses");
      assertTrue(
          line.startsWith(
              "The network still uses this rank's arrays after 200 ms, so they are not used again:"
                  + " rank=0, group=data, generation=0"),
          line);
    }
  }
}
