package io.shardfire.sharding.collective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link Communicator} must do; one small subclass per implementation. */
public abstract class AbstractCommunicatorTest {
  /** Long enough never to matter where nothing is missing. */
  private static final Duration AMPLE = Duration.ofSeconds(60);

  /** Waited for in full; ranks that do take part must meet within it on a busy machine too. */
  private static final Duration SHORT = Duration.ofSeconds(4);

  /** Opens a group with every rank in it. */
  protected abstract CommunicatorWorld open(int worldSize, Duration timeout) throws Exception;

  private static CollectiveKey key(long step) {
    return new CollectiveKey(step, Phase.GRADIENT_REDUCE, 3);
  }

  private static float[] data(int rank, int length, long seed) {
    Random random = new Random(seed * 1000 + rank);
    float[] data = new float[length];
    for (int i = 0; i < length; i++) {
      data[i] = (random.nextFloat() - 0.5f) * (1 << random.nextInt(16));
    }
    return data;
  }

  private static float[] expectedSum(int worldSize, int length, long seed) {
    float[][] all = new float[worldSize][];
    for (int r = 0; r < worldSize; r++) {
      all[r] = data(r, length, seed);
    }
    float[] sum = new float[length];
    TreeSum.sum(all, new int[worldSize], length, sum, 0);
    return sum;
  }

  private static FloatRange whole(float[] array) {
    return new FloatRange(array, 0, array.length);
  }

  private static float[] slice(float[] array, int part, int length) {
    return Arrays.copyOfRange(array, part * length, (part + 1) * length);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void shouldReduceScatterOutOfPlace(int worldSize) throws Exception {
    try (CommunicatorWorld world = open(worldSize, AMPLE)) {
      for (int shardLength : new int[] {1, 1023, 5001}) {
        int length = worldSize * shardLength;
        world.onEveryRank(
            c -> {
              float[] source = data(c.rank(), length, 1);
              float[] shard = new float[shardLength + 2];
              c.reduceScatter(
                      key(shardLength), whole(source), new FloatRange(shard, 1, shardLength))
                  .await();

              float[] expected = slice(expectedSum(worldSize, length, 1), c.rank(), shardLength);
              assertArrayEquals(expected, Arrays.copyOfRange(shard, 1, shardLength + 1));
              assertEquals(0, shard[0]);
              assertEquals(0, shard[shardLength + 1]);
              assertArrayEquals(data(c.rank(), length, 1), source);
            });
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void shouldReduceScatterInPlace(int worldSize) throws Exception {
    int shardLength = 3001;
    int length = worldSize * shardLength;
    try (CommunicatorWorld world = open(worldSize, AMPLE)) {
      world.onEveryRank(
          c -> {
            float[] source = data(c.rank(), length, 2);
            FloatRange mine = CollectiveArguments.part(whole(source), c.rank(), worldSize);
            c.reduceScatter(key(0), whole(source), mine).await();

            float[] expected = data(c.rank(), length, 2);
            float[] sum = expectedSum(worldSize, length, 2);
            System.arraycopy(sum, mine.offset(), expected, mine.offset(), shardLength);
            assertArrayEquals(expected, source);
          });
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void shouldAllGatherInAndOutOfPlace(int worldSize) throws Exception {
    int shardLength = 2049;
    float[] expected = new float[worldSize * shardLength];
    for (int r = 0; r < worldSize; r++) {
      System.arraycopy(data(r, shardLength, 3), 0, expected, r * shardLength, shardLength);
    }
    try (CommunicatorWorld world = open(worldSize, AMPLE)) {
      world.onEveryRank(
          c -> {
            float[] shard = data(c.rank(), shardLength, 3);
            float[] all = new float[expected.length];
            float[] inPlace = new float[expected.length];
            FloatRange mine = CollectiveArguments.part(whole(inPlace), c.rank(), worldSize);
            System.arraycopy(shard, 0, inPlace, mine.offset(), shardLength);
            Pending first = c.allGather(key(1), whole(shard), whole(all));
            Pending second = c.allGather(key(2), mine, whole(inPlace));
            first.await();
            second.await();

            assertArrayEquals(expected, all);
            assertArrayEquals(expected, inPlace);
          });
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void shouldAllReduceInPlaceWithTheBitsOfTheTree(int worldSize) throws Exception {
    int length = worldSize * 4099;
    try (CommunicatorWorld world = open(worldSize, AMPLE)) {
      world.onEveryRank(
          c -> {
            float[] data = data(c.rank(), length, 4);
            c.allReduce(key(0), whole(data)).await();

            assertArrayEquals(expectedSum(worldSize, length, 4), data);
          });
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void shouldBroadcastFromEveryRoot(int worldSize) throws Exception {
    int length = 6007;
    try (CommunicatorWorld world = open(worldSize, AMPLE)) {
      world.onEveryRank(
          c -> {
            for (int root = 0; root < worldSize; root++) {
              float[] data = data(c.rank(), length, 5);
              c.broadcast(key(root), whole(data), root).await();

              assertArrayEquals(data(root, length, 5), data);
            }
          });
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void shouldGatherBytesOfDifferentSizesAndMeetAtBarriers(int worldSize) throws Exception {
    try (CommunicatorWorld world = open(worldSize, AMPLE)) {
      world.onEveryRank(
          c -> {
            byte[] mine = "r".repeat(c.rank() * 1001).getBytes(StandardCharsets.UTF_8);
            byte[][] all = c.allGatherBytes(key(0), mine);
            for (int step = 1; step < 20; step++) {
              c.barrier(key(step));
            }

            assertEquals(worldSize, all.length);
            for (int r = 0; r < worldSize; r++) {
              assertEquals(r * 1001, all[r].length);
            }
          });
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5})
  void shouldCarrySeveralCollectivesIssuedAndAwaitedInAnyOrder(int worldSize) throws Exception {
    int units = 7;
    int shardLength = 1531;
    int length = worldSize * shardLength;
    try (CommunicatorWorld world = open(worldSize, AMPLE)) {
      world.onEveryRank(
          c -> {
            Random order = new Random(c.rank());
            List<Integer> indices = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5, 6));
            Collections.shuffle(indices, order);
            float[][] sources = new float[units][];
            Pending[] pending = new Pending[units];
            for (int u : indices) {
              sources[u] = data(c.rank(), length, u);
              CollectiveKey key = new CollectiveKey(9, Phase.GRADIENT_REDUCE, u);
              FloatRange source = whole(sources[u]);
              pending[u] =
                  u % 2 == 0
                      ? c.allReduce(key, source)
                      : c.reduceScatter(
                          key, source, CollectiveArguments.part(source, c.rank(), worldSize));
            }
            Collections.shuffle(indices, order);
            for (int u : indices) {
              pending[u].await();
            }

            for (int u = 0; u < units; u++) {
              float[] sum = expectedSum(worldSize, length, u);
              if (u % 2 == 0) {
                assertArrayEquals(sum, sources[u]);
              } else {
                assertArrayEquals(
                    slice(sum, c.rank(), shardLength), slice(sources[u], c.rank(), shardLength));
              }
            }
          });
    }
  }

  @Test
  void shouldAllowAnArrayToBeOverwrittenAsSoonAsItsCollectiveReturns() throws Exception {
    int worldSize = 3;
    int length = worldSize * 2000;
    try (CommunicatorWorld world = open(worldSize, AMPLE)) {
      world.onEveryRank(
          c -> {
            float[] source = new float[length];
            float[] shard = new float[length / worldSize];
            for (int step = 0; step < 30; step++) {
              System.arraycopy(data(c.rank(), length, step), 0, source, 0, length);
              c.reduceScatter(key(step), whole(source), whole(shard)).await();
              Arrays.fill(source, Float.NaN);

              assertArrayEquals(
                  slice(expectedSum(worldSize, length, step), c.rank(), shard.length), shard);
            }
          });
    }
  }

  @Test
  void shouldAwaitTwiceWithoutHarmAndCountTheWaits() throws Exception {
    try (CommunicatorWorld world = open(2, AMPLE)) {
      assertEquals(0, world.communicators().get(0).waitNanos());
      world.onEveryRank(
          c -> {
            Pending pending = c.allReduce(key(0), whole(new float[] {1, 2}));
            pending.await();
            pending.await();
            assertTrue(c.waitNanos() > 0);
          });
    }
  }

  @Test
  void shouldNotCountWaitsInTheBackground() throws Exception {
    try (CommunicatorWorld world = open(2, AMPLE)) {
      world.onEveryRank(
          c -> {
            c.barrier(new CollectiveKey(0, Phase.CHECKPOINT, 0));
            assertEquals(0, c.waitNanos());
          });
    }
  }

  @Test
  void shouldRefuseRangesThatDoNotFit() throws Exception {
    try (CommunicatorWorld world = open(2, AMPLE)) {
      Communicator c = world.communicators().get(1);
      FloatRange ten = whole(new float[10]);
      FloatRange four = whole(new float[4]);

      assertMessage(
          "The ranges of reduceScatter do not fit; source must hold one shard per rank: source=10,"
              + " shard=4, worldSize=2, rank=1, phase=GRADIENT_REDUCE, unit=3, step=7",
          () -> c.reduceScatter(key(7), ten, four));
      assertMessage(
          "The ranges of allGather do not fit; all must hold one shard per rank: all=10, shard=4,"
              + " worldSize=2, rank=1, phase=GRADIENT_REDUCE, unit=3, step=7",
          () -> c.allGather(key(7), four, ten));
      assertMessage(
          "The shard of reduceScatter overlaps source but is not this rank's part of it:"
              + " shardOffset=1, expectedOffset=5, rank=1, phase=GRADIENT_REDUCE, unit=3, step=7",
          () -> c.reduceScatter(key(7), ten, new FloatRange(ten.array(), 1, 5)));
      assertMessage(
          "The data of an allReduce must be a positive multiple of the ranks; pad it: length=3,"
              + " worldSize=2, rank=1, phase=GRADIENT_REDUCE, unit=3, step=7",
          () -> c.allReduce(key(7), whole(new float[3])));
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
  void shouldFailEveryRankWhenSizesDiffer() throws Exception {
    try (CommunicatorWorld world = open(2, AMPLE)) {
      List<Throwable> failures =
          world.failuresOf(c -> c.allReduce(key(5), whole(new float[4 + 2 * c.rank()])).await());

      for (Throwable failure : failures) {
        assertInstanceOf(CollectiveException.class, failure);
        assertContains(failure, "The ranks do not issue the same collective");
        assertContains(failure, "unit=3, step=5");
      }
    }
  }

  @Test
  void shouldFailEveryRankWhenOperationsDiffer() throws Exception {
    try (CommunicatorWorld world = open(2, AMPLE)) {
      List<Throwable> failures =
          world.failuresOf(
              c -> {
                FloatRange two = whole(new float[2]);
                FloatRange one = whole(new float[1]);
                Pending pending =
                    c.rank() == 0
                        ? c.allGather(key(5), one, two)
                        : c.reduceScatter(key(5), two, one);
                pending.await();
              });

      for (Throwable failure : failures) {
        assertInstanceOf(CollectiveException.class, failure);
        assertContains(failure, "The ranks issue different operations under one key");
      }
    }
  }

  @Test
  void shouldRefuseAKeyThatIsUsedTwice() throws Exception {
    try (CommunicatorWorld world = open(2, AMPLE)) {
      world.onEveryRank(
          c -> {
            float[] first = {1, 2};
            Pending pending = c.allReduce(key(1), whole(first));
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
        () -> c.allReduce(key(1), whole(new float[2])));
    assertMessage(
        "This rank has already used the key; every collective needs its own, rank="
            + c.rank()
            + ", phase=GRADIENT_REDUCE, unit=3, step=1",
        () -> c.allGatherBytes(key(1), new byte[2]));
  }

  @Test
  void shouldNameMissingRanksAtTheDeadline() throws Exception {
    try (CommunicatorWorld world = open(3, SHORT)) {
      List<Throwable> failures =
          world.failuresOf(
              c -> {
                if (c.rank() != 1) {
                  c.allReduce(key(8), whole(new float[6])).await();
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
  void shouldNameMissingRanksOfAByteGatherAtTheDeadline() throws Exception {
    try (CommunicatorWorld world = open(2, SHORT)) {
      CollectiveException error =
          assertThrows(
              CollectiveException.class, () -> world.communicators().get(1).barrier(key(8)));

      assertContains(error, "Timed out after 4000 ms in allGatherBytes");
      assertContains(error, "missing=[0");
    }
  }

  @Test
  void shouldFailAtOnceWhenAPeerLeaves() throws Exception {
    try (CommunicatorWorld world = open(3, AMPLE)) {
      List<Throwable> failures =
          world.failuresOf(
              c -> {
                c.barrier(key(0));
                if (c.rank() == 1) {
                  c.close();
                } else {
                  c.allReduce(key(1), whole(new float[6])).await();
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
                () -> survivor.allReduce(key(2), whole(new float[3])).await());
        assertContains(later, "Rank 1");
      }
    }
  }

  @Test
  void shouldRefuseCollectivesAfterClosing() throws Exception {
    try (CommunicatorWorld world = open(2, AMPLE)) {
      Communicator c = world.communicators().get(0);
      c.close();
      c.close();

      assertMessage(
          "This rank has left the group, rank=0, phase=GRADIENT_REDUCE, unit=3, step=2",
          () -> c.allReduce(key(2), whole(new float[2])));
    }
  }

  /** A failure must name what it is about. */
  protected static void assertContains(Throwable failure, String part) {
    assertTrue(failure.getMessage().contains(part), failure.getMessage());
  }
}
