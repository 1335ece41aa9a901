package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.ComputeException;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.OffsetAllocator;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.program.ParameterFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class RankMemoryTest {
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(3, 2, 32, 13).vocabularySize(67).dropout(0.1f).build();

  @Test
  void shouldShardOnlyTheMomentsAtStageOne() {
    MemoryPlan one = plan(1, 1);
    MemoryPlan replicated = plan(0, 4);
    MemoryPlan sharded = plan(1, 4);
    assertEquals(one.parameters(), sharded.parameters());
    assertEquals(replicated.parameterBytes(), sharded.parameterBytes());
    assertEquals(replicated.gradientBytes(), sharded.gradientBytes());
    // Every arena starts with the same few unused floats; the moments share one.
    long unused = (long) Float.BYTES * OffsetAllocator.firstOffset();
    assertEquals(replicated.optimizerBytes() - unused, 4 * (sharded.optimizerBytes() - unused));
    assertEquals(2 * (replicated.parameterBytes() - unused), replicated.optimizerBytes() - unused);
  }

  @Test
  void shouldPlanTheGradientsSetAsideForLogicalShards() {
    TrainingBuilder training = TestTraining.usual();
    training.logicalShards(1);
    MemoryPlan plain = MemoryPlan.of(MODEL, training.build(), 1);
    training.logicalShards(4);
    MemoryPlan stacked = MemoryPlan.of(MODEL, training.build(), 1);
    assertEquals(3.0, (double) stacked.gradientBytes() / plain.gradientBytes(), 0.01);
    assertEquals(
        stacked.totalBytes() - plain.totalBytes(), stacked.gradientBytes() - plain.gradientBytes());
  }

  @Test
  void shouldPackAShardOfEveryUnit() {
    TrainingBuilder training = TestTraining.usual();
    RankMemoryLayout layout = RankMemoryLayout.of(MODEL, training.build(), 2);
    int floats = OffsetAllocator.firstOffset();
    for (int unit = 0; unit < layout.layout().units().size(); unit++) {
      floats += 2 * layout.moments().kept(unit, 1).length();
    }
    assertEquals(List.of(floats), layout.pages().get(MemoryRole.MOMENTS).floats());
  }

  @Test
  void shouldHandArenasOnToTheNextRunOfTheSameSizes() {
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
    TrainingBuilder training = TestTraining.usual();
    RankMemoryLayout layout = RankMemoryLayout.of(MODEL, training.build(), 1);
    RankMemory first = RankMemoryPool.take(compute, layout);
    RankMemory second = RankMemoryPool.take(compute, layout);
    assertNotSame(first.device(), second.device());
    for (Arena arena : first.arenas()) {
      arena.array()[arena.size() - 1] = 7;
      arena.span(arena.size() - 1, 1).upload();
    }
    RankMemoryPool.giveBack(compute, layout, first);
    RankMemory third = RankMemoryPool.take(compute, layout);
    assertSame(first.device(), third.device());
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
        plan.arenaBytes() + plan.receiveBytes() + plan.checkpointBytes() + plan.corpusBytes(),
        plan.totalBytes());
    assertEquals(
        TokenDataset.WINDOW_BYTES + ReadAhead.bytes(TestTraining.usual().build().form(MODEL)),
        plan.corpusBytes());
  }

  @Test
  void shouldPlanTheSetAsideGradientsOfALargeModelInPages() {
    TrainingBuilder training = TestTraining.usual();
    training.logicalShards(64);
    // 124.4 million parameters: six levels in two pages, behind the gradients' own.
    ModelConfiguration model =
        ModelConfiguration.decoder(12, 12, 768, 1024).vocabularySize(50_257).build();
    RankMemoryLayout layout = RankMemoryLayout.of(model, training.build(), 1);
    assertEquals(2, layout.pages().get(MemoryRole.GRADIENT_STACK).floats().size());
    MemoryPlan plan = MemoryPlan.of(model, training.build(), 1);
    long unused = (long) Float.BYTES * OffsetAllocator.firstOffset();
    assertEquals(7 * (plan.parameterBytes() - unused) + 3 * unused, plan.gradientBytes());
  }

  /** Of GPT-2 124M: what the blocks keep, and the logits of at most some rows at once. */
  @Test
  void shouldPlanActivationsInFewerBytes() {
    assertEquals(0.633, activations(1, ActivationFormat.BF16, false), 0.001);
    assertEquals(0.310, activations(1, ActivationFormat.FP32, true), 0.001);
    assertEquals(0.287, activations(1, ActivationFormat.BF16, true), 0.001);
    assertEquals(0.547, activations(8, ActivationFormat.BF16, false), 0.001);
    assertEquals(0.153, activations(8, ActivationFormat.FP32, true), 0.001);
    assertEquals(0.126, activations(8, ActivationFormat.BF16, true), 0.001);
  }

  /** Share of what activations take in fp32 when they are kept. */
  private static double activations(int microBatch, ActivationFormat format, boolean recomputes) {
    ModelConfiguration model =
        ModelConfiguration.decoder(12, 12, 768, 512).vocabularySize(50_257).build();
    TrainingBuilder training = TestTraining.usual().microBatch(microBatch);
    long kept = MemoryPlan.of(model, training.build(), 1).activationBytes();
    training.activations(format).recompute(recomputes);
    return (double) MemoryPlan.of(model, training.build(), 1).activationBytes() / kept;
  }

  /** Two bytes of all parameters, and four of those that a rank updates. */
  @Test
  void shouldPlanParametersInBf16AndMasterWeightsOfTheShards() {
    long unused = (long) Float.BYTES * OffsetAllocator.firstOffset();
    for (int stage : new int[] {0, 1}) {
      for (int ranks : new int[] {1, 2, 4, 8}) {
        TrainingBuilder training = TestTraining.usual().logicalShards(8).zeroStage(stage);
        MemoryPlan plain = MemoryPlan.of(MODEL, training.build(), ranks);
        training.parameters(ParameterFormat.BF16);
        MemoryPlan halved = MemoryPlan.of(MODEL, training.build(), ranks);
        long whole = plain.parameterBytes() - unused;
        assertEquals(
            whole / 2 + (stage == 1 ? whole / ranks : whole), halved.parameterBytes() - 2 * unused);
        assertEquals(plain.gradientBytes(), halved.gradientBytes());
        assertEquals(plain.optimizerBytes(), halved.optimizerBytes());
        assertEquals(plain.checkpointBytes(), halved.checkpointBytes());
      }
    }
  }

  /** Of GPT-2's sizes, parameters and activations together: no matrix of a product is unpacked. */
  @Test
  void shouldPlanParametersInBf16ThatProductsReadAsTheyAre() {
    ModelConfiguration small =
        ModelConfiguration.decoder(12, 12, 768, 512).vocabularySize(50_257).build();
    ModelConfiguration large =
        ModelConfiguration.decoder(48, 25, 1600, 512).vocabularySize(50_257).build();
    assertEquals(1.000, share(small, 2), 0.001);
    assertEquals(0.801, share(small, 4), 0.001);
    assertEquals(0.701, share(small, 8), 0.001);
    assertEquals(0.651, share(small, 16), 0.001);
    assertEquals(1.000, share(large, 2), 0.001);
    assertEquals(0.761, share(large, 4), 0.001);
    assertEquals(0.641, share(large, 8), 0.001);
    assertEquals(0.581, share(large, 16), 0.001);
  }

  /** Share of what they take with parameters in fp32. */
  private static double share(ModelConfiguration model, int ranks) {
    TrainingBuilder training = TestTraining.usual().microBatch(1).logicalShards(16).recompute(true);
    long plain = parametersAndActivations(model, training, ranks);
    training.parameters(ParameterFormat.BF16);
    return (double) parametersAndActivations(model, training, ranks) / plain;
  }

  private static long parametersAndActivations(
      ModelConfiguration model, TrainingBuilder training, int ranks) {
    MemoryPlan plan = MemoryPlan.of(model, training.build(), ranks);
    return plan.parameterBytes() + plan.activationBytes();
  }

  @Test
  void shouldPlanNoCopyForACheckpointThatNoStepFollows() {
    TrainingBuilder training = TestTraining.usual();
    training.steps(6);
    assertEquals(0, MemoryPlan.of(MODEL, training.build(), 1).checkpointBytes());
    training.checkpointEvery(6);
    assertEquals(0, MemoryPlan.of(MODEL, training.build(), 1).checkpointBytes());
    training.checkpointEvery(5);
    MemoryPlan plan = MemoryPlan.of(MODEL, training.build(), 1);
    assertTrue(plan.checkpointBytes() >= 3 * Float.BYTES * plan.parameters());
  }

  /**
   * Shapes around what pages hold, so that some are refused. Nothing is allocated.
   *
   * <p>What the plan accepts, allocation's own checks accept; what it refuses, one value, one unit
   * or the number of pages is too large for.
   */
  @Test
  void shouldAcceptExactlyWhatAllocationAccepts() {
    Random random = new Random(7);
    Set<String> refused = new TreeSet<>();
    int accepted = 0;
    for (int i = 0; i < 1000; i++) {
      int heads = 1 + random.nextInt(16);
      ModelConfiguration model =
          ModelConfiguration.decoder(
                  1 + random.nextInt(24),
                  heads,
                  heads * 16 * (1 + random.nextInt(8)),
                  1 + random.nextInt(40_000))
              .vocabularySize(1 + random.nextInt(400_000))
              .dropout(random.nextBoolean() ? 0.1f : 0)
              .build();
      TrainingBuilder training = TestTraining.usual();
      int ranks = 1 + random.nextInt(5);
      training.microBatch(1 + random.nextInt(8));
      training.logicalShards(ranks << random.nextInt(8));
      training.zeroStage(random.nextInt(2));
      try {
        RankMemoryLayout layout = RankMemoryLayout.of(model, training.build(), ranks);
        List<Integer> arenas =
            layout.pages().values().stream().flatMap(plan -> plan.floats().stream()).toList();
        DeviceMemory.checkCount(arenas.size());
        arenas.forEach(floats -> assertEquals(floats, DeviceMemory.checkSize("page", floats)));
        accepted++;
      } catch (ComputeException | IllegalArgumentException e) {
        Matcher figures = REFUSAL.matcher(e.getMessage());
        assertTrue(figures.find(), e.getMessage());
        long floats = Long.parseLong(figures.group(2));
        if (figures.group(1).equals("arenas")) {
          assertTrue(floats > DeviceMemory.MAX_ARENAS, e.getMessage());
        } else {
          // A unit's padding, at most a block of every rank, may be what is too much.
          assertTrue(floats > DeviceMemory.MAX_FLOATS * 0.99, e.getMessage());
        }
        refused.add(figures.group(1));
      }
    }
    assertTrue(accepted > 300, "accepted=" + accepted);
    assertTrue(refused.containsAll(Set.of("floats", "parameters")), refused.toString());
  }

  private static final Pattern REFUSAL = Pattern.compile("(arenas|floats|parameters)=(\\d+)");

  @Test
  void shouldRefuseMorePagesThanAMemoryHas() {
    PageSize small = new PageSize(14_000);
    TrainingBuilder training = TestTraining.usual();
    // 29 levels of gradients that are set aside, four pages each.
    training.logicalShards(1 << 29);
    ComputeException e =
        assertThrows(
            ComputeException.class, () -> RankMemoryLayout.of(MODEL, training.build(), 1, small));
    assertTrue(e.getMessage().startsWith("A device memory has at most 120 arenas"), e.getMessage());
  }

  private static MemoryPlan plan(int stage, int worldSize) {
    TrainingBuilder training = TestTraining.usual();
    training.logicalShards(0);
    training.zeroStage(stage);
    return MemoryPlan.of(MODEL, training.build(), worldSize);
  }
}
