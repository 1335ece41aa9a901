package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.PageAllocator;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.kernels.device.Pages;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.TreeSum;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.program.UnitPlacement;
import io.shardfire.worker.program.UnitSpans;
import io.shardfire.worker.random.CounterRandom;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GradientStackTest {
  private static final ShardLayout LAYOUT =
      ShardLayout.of(
          List.of(
              new UnitSpec("one", List.of(new TensorSpec("a", List.of(3, 411), true))),
              new UnitSpec("two", List.of(new TensorSpec("b", List.of(7), false)))),
          1);

  /** The units have 2048 and 1024 floats. */
  @ParameterizedTest
  @CsvSource({"1,9999,0,0", "2,9999,1,1", "3,9999,2,1", "8,9999,3,1", "8,3500,3,3", "13,2100,4,8"})
  void shouldSumTheTreeWhereverItsLevelsLie(int shards, int pageFloats, int count, int pages) {
    assertEquals(count, GradientStack.levels(shards));
    PageSize size = new PageSize(pageFloats);
    PageAllocator units = new PageAllocator(size);
    UnitPlacement gradientPlaces = UnitPlacement.units(units, LAYOUT);
    PageAllocator stack = new PageAllocator(size);
    List<UnitPlacement> levelPlaces =
        Stream.generate(() -> UnitPlacement.units(stack, LAYOUT)).limit(count).toList();
    assertEquals(pages, stack.plan().floats().size());
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
    DeviceMemory memory = compute.newMemory();
    UnitSpans gradients = gradientPlaces.in(memory.allocate("gradients", units.plan()));
    Pages levelPages = memory.allocate("gradient stack", stack.plan());
    List<UnitSpans> levels = levelPlaces.stream().map(level -> level.in(levelPages)).toList();
    GradientStack sum = GradientStack.record(memory, shards, gradients, levels);

    int length = Math.toIntExact(LAYOUT.length());
    float[][] leaves = new float[shards][length];
    for (int shard = 0; shard < shards; shard++) {
      CounterRandom.fillNormal(shard + 1L, 1e3, leaves[shard], 0, length);
      int from = 0;
      for (FloatRange unit : gradients.onHost()) {
        System.arraycopy(leaves[shard], from, unit.array(), unit.offset(), unit.length());
        from += unit.length();
      }
      gradients.upload();
      if (shard < shards - 1) {
        sum.push(shard);
      }
    }
    sum.finish(1);
    sum.finish(0);
    gradients.download();

    float[] expected = new float[length];
    TreeSum.sum(leaves, new int[shards], length, expected, 0);
    float[] actual = new float[length];
    int from = 0;
    for (FloatRange unit : gradients.onHost()) {
      System.arraycopy(unit.array(), unit.offset(), actual, from, unit.length());
      from += unit.length();
    }
    assertArrayEquals(expected, actual);
    assertTrue(shards == 1 || expected[0] != leaves[0][0], "the leaves do not cancel");
  }
}
