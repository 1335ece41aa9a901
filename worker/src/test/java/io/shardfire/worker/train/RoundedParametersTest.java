package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.kernels.reference.HalfPrecisionReference;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.InProcessGroup;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.program.ParameterFormat;
import io.shardfire.worker.program.UnitSpans;
import io.shardfire.worker.random.CounterRandom;
import io.shardfire.worker.train.TrainingConfiguration.OptimizerKind;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Steps whose passes read parameters in bf16, without a corpus or checkpoints. */
class RoundedParametersTest {
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(2, 2, 32, 11).vocabularySize(29).dropout(0.1f).build();

  private static TrainingBuilder settings(ParameterFormat format, OptimizerKind optimizer) {
    return TestTraining.usual().parameters(format).optimizer(optimizer);
  }

  private static TrainingStep step(TrainingConfiguration training, Communicator communicator) {
    return new TrainingStep(
        MODEL,
        training,
        ComputeContext.open(ComputeDevice.select("cpu")),
        communicator,
        (completed, shard, pass, batch) -> {
          long key = CounterRandom.mix(completed, shard);
          for (int row = 0; row < batch.ids().length(); row++) {
            batch.ids().set(row, (int) (CounterRandom.uniform(key, 2L * row) * 29));
            batch.targets().set(row, (int) (CounterRandom.uniform(key, 2L * row + 1) * 29));
          }
        });
  }

  private static Communicator alone() {
    return InProcessGroup.of(1, Duration.ofMinutes(1)).communicator(0);
  }

  /**
   * A plain run whose parameters the test rounds before the passes of each step, and puts back
   * before the update.
   */
  @ParameterizedTest
  @EnumSource(OptimizerKind.class)
  void shouldTrainLikeParametersThatAreRoundedBeforeEveryStep(OptimizerKind optimizer) {
    try (Communicator one = alone();
        Communicator other = alone();
        TrainingStep plain = step(settings(ParameterFormat.FP32, optimizer).build(), one);
        TrainingStep halved = step(settings(ParameterFormat.BF16, optimizer).build(), other)) {
      UnitSpans parameters = plain.memory().parameters();
      for (int number = 1; number <= 4; number++) {
        parameters.download();
        List<float[]> kept = copies(parameters.onHost());
        parameters.onHost().forEach(RoundedParametersTest::round);
        parameters.upload();
        plain.run(
            number,
            () -> {
              restore(kept, parameters);
              return false;
            });
        halved.run(number);
        assertEquals(plain.loss(), halved.loss());
        assertEquals(plain.gradientNorm(), halved.gradientNorm());
      }
      parameters.download();
      halved.memory().state().forEach(UnitSpans::download);
      List<float[]> expected = copies(parameters.onHost());
      List<float[]> actual = copies(halved.masters().gather(4));
      for (int unit = 0; unit < expected.size(); unit++) {
        assertArrayEquals(expected.get(unit), actual.get(unit));
        assertRounded(actual.get(unit), halved.memory().parameters().onHost().get(unit));
      }
    }
  }

  private static List<float[]> copies(List<FloatRange> units) {
    return units.stream()
        .map(unit -> Arrays.copyOfRange(unit.array(), unit.offset(), unit.offset() + unit.length()))
        .toList();
  }

  private static void round(FloatRange unit) {
    for (int i = unit.offset(); i < unit.offset() + unit.length(); i++) {
      unit.array()[i] = HalfPrecisionReference.BF16.round(unit.array()[i]);
    }
  }

  private static void restore(List<float[]> kept, UnitSpans parameters) {
    for (int unit = 0; unit < kept.size(); unit++) {
      FloatRange range = parameters.onHost().get(unit);
      System.arraycopy(kept.get(unit), 0, range.array(), range.offset(), range.length());
    }
    parameters.upload();
  }

  private static void assertRounded(float[] masters, FloatRange words) {
    for (int i = 0; i < masters.length; i++) {
      int word = Float.floatToRawIntBits(words.array()[words.offset() + i / 2]);
      int half = i % 2 == 0 ? word & 0xffff : word >>> 16;
      assertEquals(HalfPrecisionReference.BF16.pack(masters[i]), half);
    }
  }

  /** Each rank by itself, as it begins: nothing need be gathered. */
  @Test
  void shouldBeginWithItsShardInFp32AndAllParametersInBf16() {
    List<float[]> initial;
    try (Communicator communicator = alone();
        TrainingStep step =
            step(settings(ParameterFormat.FP32, OptimizerKind.LION).build(), communicator)) {
      initial = copies(step.memory().parameters().onHost());
    }
    InProcessGroup group = InProcessGroup.of(2, Duration.ofMinutes(1));
    for (int rank = 0; rank < 2; rank++) {
      try (Communicator communicator = group.communicator(rank);
          TrainingStep step =
              step(settings(ParameterFormat.BF16, OptimizerKind.LION).build(), communicator)) {
        RankMemory memory = step.memory();
        memory.state().forEach(UnitSpans::download);
        List<float[]> masters = copies(memory.masters().orElseThrow().onHost());
        for (int unit = 0; unit < masters.size(); unit++) {
          float[] whole = Arrays.copyOf(initial.get(unit), 2 * masters.get(unit).length);
          int from = rank * masters.get(unit).length;
          assertArrayEquals(
              Arrays.copyOfRange(whole, from, from + masters.get(unit).length), masters.get(unit));
          assertRounded(whole, memory.parameters().onHost().get(unit));
        }
        memory.gradients().download();
        assertZero(memory.gradients());
        memory.gradients().onHost().forEach(unit -> set(unit, 7));
        step.masters().release();
        assertZero(memory.gradients());
      }
    }
  }

  private static void assertZero(UnitSpans units) {
    copies(units.onHost()).forEach(unit -> assertArrayEquals(new float[unit.length], unit));
  }

  @Test
  void shouldGiveTheSameBitsForEveryWorldSizeAndStage() {
    TrainingTrace.requireSameForEveryWorldSizeAndStage(
        t -> t.parameters(ParameterFormat.BF16).recompute(true));
    TrainingTrace.requireSameForEveryWorldSizeAndStage(
        t ->
            t.parameters(ParameterFormat.BF16)
                .accumulation(2)
                .activations(ActivationFormat.BF16)
                .precision(Precision.FP16));
  }

  @Test
  void shouldStartAfreshInTheMemoryOfAnEarlierRun() {
    Consumer<TrainingBuilder> halved = t -> t.parameters(ParameterFormat.BF16);
    TrainingTrace first = TrainingTrace.run(2, halved);
    assertEquals(first, TrainingTrace.run(2, halved));
    assertNotEquals(first, TrainingTrace.run(2, t -> {}));
  }

  @Test
  void shouldGiveTheSameBitsInPages() {
    Consumer<TrainingBuilder> halved = t -> t.parameters(ParameterFormat.BF16).logicalShards(4);
    PageSize size = new PageSize(20_000);
    TrainingBuilder training = TestTraining.usual();
    halved.accept(training);
    RankMemoryLayout paged = RankMemoryLayout.of(TrainingTrace.MODEL, training.build(), 1, size);
    assertTrue(paged.pages().get(MemoryRole.MASTER_WEIGHTS).floats().size() > 1);
    for (int worldSize : new int[] {1, 2}) {
      assertEquals(
          TrainingTrace.run(worldSize, halved), TrainingTrace.run(worldSize, halved, size));
    }
  }

  @Test
  void shouldNameAParameterThatIsNotFinite() {
    try (Communicator communicator = alone();
        TrainingStep step =
            step(settings(ParameterFormat.BF16, OptimizerKind.ADAMW).build(), communicator)) {
      NonFiniteSearch search = new NonFiniteSearch(step.layout(), step.memory());
      // Finite, but bf16 has no number so large; the word of both is finite, too.
      step.masters().fill(units -> set(units.get(1), Float.MAX_VALUE));
      assertEquals("h.0.attn.c_attn.weight parameter", search.inPass());
    }
  }

  private static void set(FloatRange unit, float value) {
    unit.array()[unit.offset()] = value;
  }
}
