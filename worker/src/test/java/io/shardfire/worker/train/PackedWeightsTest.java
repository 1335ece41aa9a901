package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.kernels.device.PageSize;
import io.shardfire.kernels.ops.PackedOperand;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.program.ParameterFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights that a step packs once for all its passes: the same bits as packing in every pass. */
class PackedWeightsTest {
  private static final ModelConfiguration MODEL = TrainingTrace.MODEL;

  private static Consumer<TrainingBuilder> bf16(Consumer<TrainingBuilder> change) {
    return change.andThen(t -> t.precision(Precision.BF16).packedWeights(true));
  }

  private static long packedFloats(int worldSize, Consumer<TrainingBuilder> change) {
    TrainingBuilder training = TestTraining.usual();
    change.accept(training);
    return RankMemoryLayout.of(MODEL, training.build(), worldSize).training().preparedFloats();
  }

  /** Every kind of first, middle and last pass: of one rank, and of several that communicate. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 3", "1, 4, 1", "1, 2, 2", "2, 2, 2", "2, 4, 1", "2, 8, 1", "2, 4, 2", "2, 2, 3"
  })
  void shouldTrainToTheBitsOfPackingInEveryPass(
      int worldSize, int logicalShards, int accumulation) {
    Consumer<TrainingBuilder> kept =
        bf16(t -> t.logicalShards(logicalShards).accumulation(accumulation));
    assertEquals(
        TrainingTrace.run(worldSize, kept.andThen(t -> t.packedWeights(false))),
        TrainingTrace.run(worldSize, kept));
  }

  @Test
  void shouldTrainToTheSameBitsWhereBlocksAreComputedOnceMore() {
    Consumer<TrainingBuilder> kept =
        bf16(
            t -> t.accumulation(2).recompute(true).activations(ActivationFormat.BF16).zeroStage(0));
    assertEquals(
        TrainingTrace.run(2, kept.andThen(t -> t.packedWeights(false))),
        TrainingTrace.run(2, kept));
  }

  @Test
  void shouldTrainToTheSameBitsInPages() {
    Consumer<TrainingBuilder> kept = bf16(t -> t.accumulation(2));
    assertEquals(TrainingTrace.run(1, kept), TrainingTrace.run(1, kept, new PageSize(20_000)));
  }

  /** Two layouts of each weight, the table that embeds and predicts among them. */
  @Test
  void shouldKeepEachWeightForBothDirections() {
    int width = MODEL.width();
    long expected =
        both(width, MODEL.vocabularySize())
            + MODEL.layers()
                * (both(width, 3 * width) + both(width, width) + 2 * both(width, 4 * width));
    assertEquals(expected, packedFloats(1, bf16(t -> t.accumulation(2))));
    assertEquals(expected, packedFloats(2, bf16(t -> t.accumulation(1).logicalShards(4))));
  }

  private static long both(int inputs, int outputs) {
    return PackedOperand.floats(inputs, outputs) + PackedOperand.floats(outputs, inputs);
  }

  @Test
  void shouldKeepNothingWhereNothingIsReadTwice() {
    assertEquals(0, packedFloats(1, t -> t.accumulation(2).packedWeights(true)));
    assertEquals(0, packedFloats(2, bf16(t -> t.accumulation(1).logicalShards(2))));
    assertEquals(
        0, packedFloats(1, bf16(t -> t.accumulation(2)).andThen(t -> t.packedWeights(false))));
    assertEquals(0, packedFloats(1, bf16(t -> t.accumulation(2).parameters(ParameterFormat.BF16))));
    assertEquals(
        0, packedFloats(1, t -> t.accumulation(2).precision(Precision.FP16).packedWeights(true)));
  }

  @Test
  void shouldPlanTheirMemory() {
    TrainingConfiguration training =
        TestTraining.usual().precision(Precision.BF16).accumulation(2).packedWeights(true).build();
    MemoryPlan kept = MemoryPlan.of(MODEL, training, 1);
    MemoryPlan packing = MemoryPlan.of(MODEL, training.with().packedWeights(false).build(), 1);
    assertEquals(
        Float.BYTES * packedFloats(1, bf16(t -> t.accumulation(2))), kept.packedWeightBytes());
    assertEquals(0, packing.packedWeightBytes());
    assertEquals(
        kept.parameterBytes()
            + kept.gradientBytes()
            + kept.optimizerBytes()
            + kept.activationBytes()
            + kept.packedWeightBytes(),
        kept.arenaBytes());
  }
}
