package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.sharding.collective.TreeSum;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.random.CounterRandom;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GradientStackTest {
  private static final ShardLayout LAYOUT =
      ShardLayout.of(
          List.of(
              new UnitSpec("one", List.of(new TensorSpec("a", List.of(3, 411), true))),
              new UnitSpec("two", List.of(new TensorSpec("b", List.of(7), false)))),
          1,
          12);

  /** The last column: levels that the arena of their own may hold. */
  @ParameterizedTest
  @CsvSource({"1,9,0,0", "2,9,1,1", "3,9,2,2", "8,9,3,3", "8,1,3,1", "8,2,3,2", "13,1,4,1"})
  void shouldSumTheTreeWhereverItsLevelsLie(int shards, int fit, int levels, int inStack) {
    GradientLevels places =
        GradientLevels.of(LAYOUT, shards, LAYOUT.base() + fit * LAYOUT.length() + 5);
    assertEquals(levels, places.levels());
    assertEquals(inStack, places.inStack());
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
    DeviceMemory memory = compute.newMemory();
    Arena gradients = memory.allocate("gradients", places.gradientFloats());
    Arena stack = inStack == 0 ? null : memory.allocate("gradient stack", places.stackFloats());
    GradientStack sum = GradientStack.record(memory, places, shards, gradients, stack);

    float[][] leaves = new float[shards][LAYOUT.length()];
    for (int shard = 0; shard < shards; shard++) {
      CounterRandom.fillNormal(shard + 1L, 1e3, leaves[shard], 0, LAYOUT.length());
      System.arraycopy(leaves[shard], 0, gradients.array(), LAYOUT.base(), LAYOUT.length());
      gradients.span(LAYOUT.base(), LAYOUT.length()).upload();
      if (shard < shards - 1) {
        sum.push(shard);
      }
    }
    sum.finish(1);
    sum.finish(0);
    gradients.span(LAYOUT.base(), LAYOUT.length()).download();

    float[] expected = new float[LAYOUT.length()];
    TreeSum.sum(leaves, new int[shards], LAYOUT.length(), expected, 0);
    float[] actual = new float[LAYOUT.length()];
    System.arraycopy(gradients.array(), LAYOUT.base(), actual, 0, LAYOUT.length());
    assertArrayEquals(expected, actual);
    assertTrue(shards == 1 || expected[0] != leaves[0][0], "the leaves do not cancel");
  }
}
