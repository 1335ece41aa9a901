package io.shardfire.sharding.collective;

import static io.shardfire.sharding.collective.CommunicatorFailureContract.key;
import static io.shardfire.sharding.collective.CommunicatorFailureContract.whole;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link Communicator} must do; one small subclass per implementation. */
public abstract class AbstractCommunicatorTest implements CommunicatorFailureContract {
  private static float[] data(int rank, int length, long seed) {
    Random random = new Random(seed * 1000 + rank);
    float[] data = new float[length];
    for (int i = 0; i < length; i++) {
      data[i] = (random.nextFloat() - 0.5f) * (1 << random.nextInt(16));
    }
    return data;
  }

  /** What is added of a rank's data when they travel as elements of a type. */
  private static float[] sent(float[] data, ElementType type) {
    float[] sent = data.clone();
    if (type == ElementType.BF16) {
      for (int i = 0; i < sent.length; i++) {
        sent[i] = Bf16.widen(Bf16.round(sent[i]));
      }
    }
    return sent;
  }

  private static float[] expectedSum(int worldSize, int length, long seed, ElementType type) {
    float[][] all = new float[worldSize][];
    for (int r = 0; r < worldSize; r++) {
      all[r] = sent(data(r, length, seed), type);
    }
    float[] sum = new float[length];
    TreeSum.sum(all, new int[worldSize], length, sum, 0);
    return sum;
  }

  private static float[] slice(float[] array, int part, int length) {
    return Arrays.copyOfRange(array, part * length, (part + 1) * length);
  }

  @ParameterizedTest
  @CsvSource({
    "1, FP32", "2, FP32", "3, FP32", "5, FP32", "1, BF16", "2, BF16", "3, BF16", "5, BF16"
  })
  void shouldReduceScatterOutOfPlace(int worldSize, ElementType type) throws Exception {
    try (CommunicatorWorld world = open(worldSize, AMPLE)) {
      for (int shardLength : new int[] {1, 1023, 5001}) {
        int length = worldSize * shardLength;
        world.onEveryRank(
            c -> {
              float[] source = data(c.rank(), length, 1);
              float[] shard = new float[shardLength + 2];
              c.reduceScatter(
                      key(shardLength), whole(source), new FloatRange(shard, 1, shardLength), type)
                  .await();

              float[] sum = expectedSum(worldSize, length, 1, type);
              float[] expected = slice(sum, c.rank(), shardLength);
              assertArrayEquals(expected, Arrays.copyOfRange(shard, 1, shardLength + 1));
              assertEquals(0, shard[0]);
              assertEquals(0, shard[shardLength + 1]);
              assertArrayEquals(data(c.rank(), length, 1), source);
            });
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, FP32", "2, FP32", "3, FP32", "5, FP32", "1, BF16", "2, BF16", "3, BF16", "5, BF16"
  })
  void shouldReduceScatterInPlace(int worldSize, ElementType type) throws Exception {
    int shardLength = 3001;
    int length = worldSize * shardLength;
    try (CommunicatorWorld world = open(worldSize, AMPLE)) {
      world.onEveryRank(
          c -> {
            float[] source = data(c.rank(), length, 2);
            FloatRange mine = CollectiveArguments.part(whole(source), c.rank(), worldSize);
            c.reduceScatter(key(0), whole(source), mine, type).await();

            float[] expected = data(c.rank(), length, 2);
            float[] sum = expectedSum(worldSize, length, 2, type);
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
  @CsvSource({
    "1, FP32", "2, FP32", "3, FP32", "5, FP32", "1, BF16", "2, BF16", "3, BF16", "5, BF16"
  })
  void shouldAllReduceInPlaceWithTheBitsOfTheTree(int worldSize, ElementType type)
      throws Exception {
    int length = worldSize * 4099;
    try (CommunicatorWorld world = open(worldSize, AMPLE)) {
      world.onEveryRank(
          c -> {
            float[] data = data(c.rank(), length, 4);
            c.allReduce(key(0), whole(data), type).await();

            assertArrayEquals(expectedSum(worldSize, length, 4, type), data);
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

  private static ElementType type(int unit) {
    return unit % 3 == 0 ? ElementType.BF16 : ElementType.FP32;
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
                      ? c.allReduce(key, source, type(u))
                      : c.reduceScatter(
                          key,
                          source,
                          CollectiveArguments.part(source, c.rank(), worldSize),
                          type(u));
            }
            Collections.shuffle(indices, order);
            for (int u : indices) {
              pending[u].await();
            }

            for (int u = 0; u < units; u++) {
              float[] sum = expectedSum(worldSize, length, u, type(u));
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

  /** Whoever sums them, in whatever order they arrive. */
  @Test
  void shouldKeepWhatIsNoNumberAndSumInFp32() throws Exception {
    float below = Math.nextDown(1f);
    float[][] all = {
      {Float.NaN, Float.POSITIVE_INFINITY, Float.MAX_VALUE, 1 + 0x1p-8f, 256, below},
      {1, Float.NEGATIVE_INFINITY, 1, 1 + 0x1.8p-7f, 1, -below}
    };
    float[] expected = {Float.NaN, Float.NaN, Float.POSITIVE_INFINITY, 1 + (1 + 0x1p-6f), 257, 0};
    try (CommunicatorWorld world = open(2, AMPLE)) {
      for (int step = 0; step < 5; step++) {
        int at = step;
        world.onEveryRank(
            c -> {
              float[] data = all[c.rank()].clone();
              c.allReduce(key(at), whole(data), ElementType.BF16).await();
              assertArrayEquals(expected, data);
            });
      }
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
              c.reduceScatter(key(step), whole(source), whole(shard), type(step)).await();
              Arrays.fill(source, Float.NaN);

              assertArrayEquals(
                  slice(expectedSum(worldSize, length, step, type(step)), c.rank(), shard.length),
                  shard);
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
            Pending pending = c.allReduce(key(0), whole(new float[] {1, 2}), ElementType.FP32);
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
}
