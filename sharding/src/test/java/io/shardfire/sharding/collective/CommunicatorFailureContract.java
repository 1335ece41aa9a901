package io.shardfire.sharding.collective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every {@link Communicator} must refuse, and how its failures must read. */
public interface CommunicatorFailureContract {
  /** Long enough never to matter where nothing is missing. */
  Duration AMPLE = Duration.ofSeconds(60);

  /** Waited for in full; ranks that do take part must meet within it on a busy machine too. */
  Duration SHORT = Duration.ofSeconds(4);

  /** Opens a group with every rank in it. */
  CommunicatorWorld open(int worldSize, Duration timeout) throws Exception;

  /** A key of the gradients' reduction. */
  static CollectiveKey key(long step) {
    return new CollectiveKey(step, Phase.GRADIENT_REDUCE, 3);
  }

  /** All of an array. */
  static FloatRange whole(float[] array) {
    return new FloatRange(array, 0, array.length);
  }

  @Test
  default void shouldRefuseRangesThatDoNotFit() throws Exception {
    try (CommunicatorWorld world = open(2, AMPLE)) {
      Communicator c = world.communicators().get(1);
      FloatRange ten = whole(new float[10]);
      FloatRange four = whole(new float[4]);

      assertMessage(
          "The ranges of reduceScatter do not fit; source must hold one shard per rank: source=10,"
              + " shard=4, worldSize=2, rank=1, phase=GRADIENT_REDUCE, unit=3, step=7",
          () -> c.reduceScatter(key(7), ten, four, ElementType.FP32));
      assertMessage(
          "The ranges of allGather do not fit; all must hold one shard per rank: all=10, shard=4,"
              + " worldSize=2, rank=1, phase=GRADIENT_REDUCE, unit=3, step=7",
          () -> c.allGather(key(7), four, ten));
      assertMessage(
          "The shard of reduceScatter overlaps source but is not this rank's part of it:"
              + " shardOffset=1, expectedOffset=5, rank=1, phase=GRADIENT_REDUCE, unit=3, step=7",
          () -> c.reduceScatter(key(7), ten, new FloatRange(ten.array(), 1, 5), ElementType.FP32));
      assertMessage(
          "The data of an allReduce must be a positive multiple of the ranks; pad it: length=3,"
              + " worldSize=2, rank=1, phase=GRADIENT_REDUCE, unit=3, step=7",
          () -> c.allReduce(key(7), whole(new float[3]), ElementType.FP32));
      assertMessage(
          "A broadcast needs data and a root among the ranks: length=4, root=2, worldSize=2,"
              + " rank=1, phase=GRADIENT_REDUCE, unit=3, step=7",
          () -> c.broadcast(key(7), four, 2));
    }
  }

  private static void assertMessage(String message, Runnable call) {
    assertEquals(message, assertThrows(CollectiveException.class, call::run).getMessage());
  }

  @Test
  default void shouldFailEveryRankWhenSizesDiffer() throws Exception {
    try (CommunicatorWorld world = open(2, AMPLE)) {
      List<Throwable> failures =
          world.failuresOf(
              c ->
                  c.allReduce(key(5), whole(new float[4 + 2 * c.rank()]), ElementType.FP32)
                      .await());

      for (Throwable failure : failures) {
        assertInstanceOf(CollectiveException.class, failure);
        assertContains(failure, "The ranks do not issue the same collective");
        assertContains(failure, "unit=3, step=5");
      }
    }
  }

  @Test
  default void shouldFailEveryRankWhenElementTypesDiffer() throws Exception {
    try (CommunicatorWorld world = open(2, AMPLE)) {
      List<Throwable> failures =
          world.failuresOf(
              c ->
                  c.reduceScatter(
                          key(5),
                          whole(new float[5000]),
                          whole(new float[2500]),
                          c.rank() == 0 ? ElementType.FP32 : ElementType.BF16)
                      .await());

      for (Throwable failure : failures) {
        assertInstanceOf(CollectiveException.class, failure);
        assertContains(failure, "The ranks do not issue the same collective: rank ");
        assertContains(failure, "elementType=BF16");
        assertContains(failure, "elementType=FP32");
        assertContains(failure, "unit=3, step=5");
      }
    }
  }

  @Test
  default void shouldFailEveryRankWhenOperationsDiffer() throws Exception {
    try (CommunicatorWorld world = open(2, AMPLE)) {
      List<Throwable> failures =
          world.failuresOf(
              c -> {
                FloatRange two = whole(new float[2]);
                FloatRange one = whole(new float[1]);
                Pending pending =
                    c.rank() == 0
                        ? c.allGather(key(5), one, two)
                        : c.reduceScatter(key(5), two, one, ElementType.FP32);
                pending.await();
              });

      for (Throwable failure : failures) {
        assertInstanceOf(CollectiveException.class, failure);
        assertContains(failure, "The ranks issue different operations under one key");
      }
    }
  }

  @Test
  default void shouldRefuseAKeyThatIsUsedTwice() throws Exception {
    try (CommunicatorWorld world = open(2, AMPLE)) {
      world.onEveryRank(
          c -> {
            float[] first = {1, 2};
            Pending pending = c.allReduce(key(1), whole(first), ElementType.FP32);
            assertDuplicate(c);
            pending.await();
            assertDuplicate(c);
            assertArrayEquals(new float[] {2, 4}, first);
          });
    }
  }

  private static void assertDuplicate(Communicator c) {
    assertMessage(
        "This rank has already used the key; every collective needs its own, rank="
            + c.rank()
            + ", phase=GRADIENT_REDUCE, unit=3, step=1",
        () -> c.allReduce(key(1), whole(new float[2]), ElementType.FP32));
    assertMessage(
        "This rank has already used the key; every collective needs its own, rank="
            + c.rank()
            + ", phase=GRADIENT_REDUCE, unit=3, step=1",
        () -> c.allGatherBytes(key(1), new byte[2]));
  }

  @Test
  default void shouldNameMissingRanksAtTheDeadline() throws Exception {
    try (CommunicatorWorld world = open(3, SHORT)) {
      List<Throwable> failures =
          world.failuresOf(
              c -> {
                if (c.rank() != 1) {
                  c.allReduce(key(8), whole(new float[6]), ElementType.FP32).await();
                }
              });

      assertEquals(null, failures.get(1));
      for (int rank : new int[] {0, 2}) {
        assertInstanceOf(CollectiveException.class, failures.get(rank));
        assertContains(failures.get(rank), "Timed out after 4000 ms in allReduce");
        assertContains(failures.get(rank), "missing=[1");
        assertContains(
            failures.get(rank), "rank=" + rank + ", phase=GRADIENT_REDUCE, unit=3, step=8");
      }
    }
  }

  @Test
  default void shouldNameMissingRanksOfAByteGatherAtTheDeadline() throws Exception {
    try (CommunicatorWorld world = open(2, SHORT)) {
      CollectiveException error =
          assertThrows(
              CollectiveException.class, () -> world.communicators().get(1).barrier(key(8)));

      assertContains(error, "Timed out after 4000 ms in allGatherBytes");
      assertContains(error, "missing=[0");
    }
  }

  @Test
  default void shouldFailAtOnceWhenAPeerLeaves() throws Exception {
    try (CommunicatorWorld world = open(3, AMPLE)) {
      List<Throwable> failures =
          world.failuresOf(
              c -> {
                c.barrier(key(0));
                if (c.rank() == 1) {
                  c.close();
                } else {
                  c.allReduce(key(1), whole(new float[6]), ElementType.FP32).await();
                }
              });

      assertEquals(null, failures.get(1));
      for (int rank : new int[] {0, 2}) {
        assertInstanceOf(CollectiveException.class, failures.get(rank));
        assertContains(failures.get(rank), "Rank 1");
        assertContains(failures.get(rank), "left the group");
        Communicator survivor = world.communicators().get(rank);
        CollectiveException later =
            assertThrows(
                CollectiveException.class,
                () -> survivor.allReduce(key(2), whole(new float[3]), ElementType.FP32).await());
        assertContains(later, "Rank 1");
      }
    }
  }

  @Test
  default void shouldRefuseCollectivesAfterClosing() throws Exception {
    try (CommunicatorWorld world = open(2, AMPLE)) {
      Communicator c = world.communicators().get(0);
      c.close();
      c.close();

      assertMessage(
          "This rank has left the group, rank=0, phase=GRADIENT_REDUCE, unit=3, step=2",
          () -> c.allReduce(key(2), whole(new float[2]), ElementType.FP32));
    }
  }

  /** A failure must name what it is about. */
  private static void assertContains(Throwable failure, String part) {
    assertTrue(failure.getMessage().contains(part), failure.getMessage());
  }
}
