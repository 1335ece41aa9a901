package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.OffsetAllocator;
import io.shardfire.worker.architecture.ModelConfiguration;
import org.junit.jupiter.api.Test;

class RankMemoryTest {
  private static final ModelConfiguration MODEL =
      ModelConfiguration.gpt2(3, 2, 32, 13, 67, 0.1f, 1e-5f);

  @Test
  void shouldShardOnlyTheMomentsAtStageOne() {
    MemoryPlan one = plan(1, 1);
    MemoryPlan replicated = plan(0, 4);
    MemoryPlan sharded = plan(1, 4);
    assertEquals(one.parameters(), sharded.parameters());
    assertEquals(replicated.parameterBytes(), sharded.parameterBytes());
    assertEquals(replicated.gradientBytes(), sharded.gradientBytes());
    // Every arena starts with the same few unused floats.
    long unused = 2L * Float.BYTES * OffsetAllocator.firstOffset();
    assertEquals(replicated.optimizerBytes() - unused, 4 * (sharded.optimizerBytes() - unused));
    assertEquals(replicated.parameterBytes() * 2, replicated.optimizerBytes());
  }

  @Test
  void shouldPlanTheGradientsSetAsideForLogicalShards() {
    TestTraining training = new TestTraining();
    training.logicalShards = 1;
    MemoryPlan plain = MemoryPlan.of(MODEL, training.build(), 1);
    training.logicalShards = 4;
    MemoryPlan stacked = MemoryPlan.of(MODEL, training.build(), 1);
    assertEquals(3.0, (double) stacked.gradientBytes() / plain.gradientBytes(), 0.01);
    assertEquals(
        stacked.totalBytes() - plain.totalBytes(), stacked.gradientBytes() - plain.gradientBytes());
  }

  @Test
  void shouldPackAShardOfEveryUnit() {
    TestTraining training = new TestTraining();
    RankMemoryLayout layout = RankMemoryLayout.of(MODEL, training.build(), 2);
    MomentLayout moments = layout.moments();
    int next = layout.layout().base();
    for (int unit = 0; unit < layout.layout().units().size(); unit++) {
      assertEquals(next, moments.start(unit));
      next += moments.updated(unit, 1).length();
    }
    assertEquals(next, moments.floats());
  }

  @Test
  void shouldHandArenasOnToTheNextRunOfTheSameSizes() {
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
    TestTraining training = new TestTraining();
    RankMemoryLayout layout = RankMemoryLayout.of(MODEL, training.build(), 1);
    RankMemory first = RankMemoryPool.take(compute, layout);
    RankMemory second = RankMemoryPool.take(compute, layout);
    assertNotSame(first, second);
    for (Arena arena : first.arenas()) {
      arena.array()[arena.size() - 1] = 7;
      arena.span(arena.size() - 1, 1).upload();
    }
    RankMemoryPool.giveBack(compute, layout, first);
    RankMemory third = RankMemoryPool.take(compute, layout);
    assertSame(first, third);
    for (Arena arena : third.arenas()) {
      arena.span(arena.size() - 1, 1).download();
      assertEquals(0, arena.array()[arena.size() - 1]);
    }
  }

  private static MemoryPlan plan(int stage, int worldSize) {
    TestTraining training = new TestTraining();
    training.logicalShards = 0;
    training.zeroStage = stage;
    return MemoryPlan.of(MODEL, training.build(), worldSize);
  }
}
