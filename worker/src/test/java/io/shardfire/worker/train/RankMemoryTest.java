package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.ComputeException;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.OffsetAllocator;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.train.RankMemoryLayout.ArenaSize;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  @Test
  void shouldPlanWhatTheOtherRanksSendOfAllUnitsAtOnce() {
    MemoryPlan plan = plan(1, 4);
    assertEquals(0, plan(1, 1).receiveBytes());
    // Of the other three ranks, this rank's quarter of the gradients, padding included.
    long gradients = plan.gradientBytes() - (long) Float.BYTES * OffsetAllocator.firstOffset();
    assertEquals(gradients / 4 * 3, plan.receiveBytes());
    assertEquals(plan.receiveBytes(), plan(0, 4).receiveBytes());
    assertEquals(
        plan.arenaBytes()
            + plan.receiveBytes()
            + plan.checkpointBytes()
            + TokenDataset.WINDOW_BYTES,
        plan.totalBytes());
  }

  @Test
  void shouldPlanTheSetAsideGradientsOfALargeModelInTwoArenas() {
    TestTraining training = new TestTraining();
    training.logicalShards = 64;
    // 124.4 million parameters: four levels of six fit into an arena of their own.
    ModelConfiguration model = ModelConfiguration.gpt2(12, 12, 768, 1024, 50_257, 0, 1e-5f);
    MemoryPlan plan = MemoryPlan.of(model, training.build(), 1);
    long unused = (long) Float.BYTES * OffsetAllocator.firstOffset();
    assertEquals(7 * (plan.parameterBytes() - unused) + 2 * unused, plan.gradientBytes());
  }

  /**
   * Shapes around the limit, so that about half of them are refused. Nothing is allocated.
   *
   * <p>What the plan accepts, allocation's own check of every arena accepts; what it refuses, that
   * check refuses too, or one of the tensors inside is too large already.
   */
  @Test
  void shouldAcceptExactlyWhatAllocationAccepts() {
    Random random = new Random(7);
    Map<String, Integer> refused = new TreeMap<>();
    int accepted = 0;
    for (int i = 0; i < 4000; i++) {
      int heads = 1 + random.nextInt(16);
      ModelConfiguration model =
          ModelConfiguration.gpt2(
              1 + random.nextInt(24),
              heads,
              heads * 16 * (1 + random.nextInt(8)),
              1 + random.nextInt(2048),
              1 + random.nextInt(60_000),
              random.nextBoolean() ? 0.1f : 0,
              1e-5f);
      TestTraining training = new TestTraining();
      int ranks = 1 + random.nextInt(5);
      training.microBatch = 1 + random.nextInt(8);
      training.logicalShards = ranks << random.nextInt(8);
      training.zeroStage = random.nextInt(2);
      try {
        for (ArenaSize arena : RankMemoryLayout.of(model, training.build(), ranks).arenas()) {
          assertEquals(arena.floats(), DeviceMemory.checkSize(arena.name(), arena.floats()));
        }
        accepted++;
      } catch (ComputeException | IllegalArgumentException e) {
        Matcher figures = REFUSAL.matcher(e.getMessage());
        assertTrue(figures.find(), e.getMessage());
        String what = figures.group(1);
        if (what.equals("parameters")) {
          // Padding, at most a block of every unit and rank, may be what is too much.
          assertTrue(Long.parseLong(figures.group(2)) > DeviceMemory.MAX_FLOATS * 0.99);
        } else {
          long offset = figures.group(4) == null ? 0 : Long.parseLong(figures.group(4));
          long end = offset + Long.parseLong(figures.group(3));
          assertTrue(end > DeviceMemory.MAX_FLOATS, e.getMessage());
        }
        refused.merge(what.equals("arena") ? figures.group(2) : what, 1, Integer::sum);
      }
    }
    assertTrue(accepted > 1000, "accepted=" + accepted);
    assertTrue(
        refused.keySet().containsAll(Set.of("tensor", "parameters", "gradients")),
        refused.toString());
  }

  private static final Pattern REFUSAL =
      Pattern.compile("(arena|tensor|parameters)=([^,]*)(?:, floats=(\\d+))?(?:, offset=(\\d+))?");

  private static MemoryPlan plan(int stage, int worldSize) {
    TestTraining training = new TestTraining();
    training.logicalShards = 0;
    training.zeroStage = stage;
    return MemoryPlan.of(MODEL, training.build(), worldSize);
  }
}
