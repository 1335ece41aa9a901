package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.ComputeException;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.CellKind;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.generate.GenerationOptions;
import io.shardfire.worker.generate.Generator;
import io.shardfire.worker.generate.Prompt;
import io.shardfire.worker.generate.Sampling;
import io.shardfire.worker.objective.Packing;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.program.ParameterFormat;
import io.shardfire.worker.program.ProgramRecorder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole runs of recurrent models with ranks as threads. */
class RecurrentTrainingTest {
  private static final int VOCABULARY = 29;

  @TempDir static Path folder;
  private static Path data;

  @BeforeAll
  static void writeCorpus() {
    data = folder.resolve("corpus");
    TestCorpus.write(data, VOCABULARY, 6000, 2000);
  }

  private static ModelConfiguration model(CellKind cell, int layers, int context) {
    return ModelConfiguration.decoder(layers, 1, 24, context)
        .cell(cell)
        .positions(PositionKind.NONE)
        .vocabularySize(VOCABULARY)
        .dropout(0.1f)
        .build();
  }

  private static TestRun train(
      ModelConfiguration model, String run, int ranks, Consumer<TrainingBuilder> change) {
    TrainingBuilder training = TestTraining.usual();
    change.accept(training);
    return TestRun.train(model, training.build(), data, folder.resolve(run), ranks, true);
  }

  @ParameterizedTest
  @EnumSource(value = CellKind.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void shouldGiveTheSameBitsForEveryWorldSizeStageAndInterruption(CellKind cell) {
    ModelConfiguration model = model(cell, 2, 11);
    Consumer<TrainingBuilder> four =
        t -> {
          t.logicalShards(4);
          t.packing(cell == CellKind.LSTM ? Packing.PACKED : Packing.AUTO);
        };
    TestRun expected = train(model, cell + "-one", 1, four.andThen(t -> t.recompute(true)));
    for (int ranks : new int[] {2, 4}) {
      String run = cell + "-ranks" + ranks;
      Consumer<TrainingBuilder> staged = four.andThen(t -> t.zeroStage(ranks == 2 ? 0 : 1));
      train(model, run, ranks, staged.andThen(t -> t.steps(3)));
      TestRun actual = train(model, run, ranks, staged);
      assertEquals(expected.curve().subList(3, 6), actual.curve());
      assertEquals(expected.outcome.validationLoss(), actual.outcome.validationLoss());
      assertEquals(
          TestRun.weights(folder.resolve(cell + "-one"), 6),
          TestRun.weights(folder.resolve(run), 6));
    }
  }

  /** The corpus is the alphabet again and again. */
  @ParameterizedTest
  @EnumSource(value = CellKind.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void shouldLearn(CellKind cell) {
    TestRun run =
        train(
            model(cell, 1, 11),
            cell + "-learns",
            1,
            t -> {
              t.steps(200);
              t.decaySteps(200);
              t.evaluateEvery(0);
              t.checkpointEvery(200);
            });
    assertEquals(Math.log(VOCABULARY), run.steps.get(0).loss(), 0.1);
    assertTrue(run.outcome.validationLoss() < 2, "loss=" + run.outcome.validationLoss());
    List<Integer> drawn = greedy(folder.resolve(cell + "-learns/step-00000200"), "ABC", 40);
    int successors = 0;
    int previous = 2;
    for (int token : drawn) {
      successors += token == (previous + 1) % VOCABULARY ? 1 : 0;
      previous = token;
    }
    assertTrue(successors >= 36, drawn.toString());
  }

  /** Longer than the context: the state is computed anew from the newer half of it. */
  private static List<Integer> greedy(Path checkpoint, String prompt, int tokens) {
    List<Integer> drawn = new ArrayList<>();
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
    try (Generator generator =
        Generator.load(
            new Configuration(false),
            new org.apache.hadoop.fs.Path(checkpoint.toUri()),
            compute,
            1)) {
      generator.generate(
          List.of(new Prompt(prompt, 1)),
          GenerationOptions.of(tokens, Sampling.GREEDY),
          continuation -> drawn.addAll(continuation.tokens()));
    }
    return drawn;
  }

  /** A pass is recorded at most twice whole, twice by stages, and once by operations. */
  @ParameterizedTest
  @CsvSource({
    "FP32, FP32, 2, 696",
    "BF16, FP32, 2, 694",
    "FP32, BF16, 2, 694",
    "FP32, FP32, 100, 10",
    "BF16, FP32, 100, 8",
    "FP32, BF16, 100, 8",
    "BF16, BF16, 100, 6"
  })
  void shouldPlanNoMoreStepsThanACommandTableHolds(
      ActivationFormat activations, ParameterFormat parameters, int layers, int context) {
    TrainingConfiguration training =
        TestTraining.usual().activations(activations).parameters(parameters).build();
    RankMemoryLayout layout =
        RankMemoryLayout.of(model(CellKind.GRU, layers, context), training, 1);
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
    RankMemory memory = RankMemoryPool.take(compute, layout);
    ProgramRecorder recorder = layout.recorder(memory);
    int pass = recorder.record("pass", layout.training().operations(), false).commands();
    int loss = recorder.record("loss", layout.evaluation().operations(), false).commands();
    assertTrue(5 * pass + loss < 32_000, pass + " and " + loss);

    ModelConfiguration longer = model(CellKind.GRU, layers, context + 1);
    ComputeException e =
        assertThrows(ComputeException.class, () -> MemoryPlan.of(longer, training, 1));
    assertTrue(
        e.getMessage()
            .endsWith(
                "cell=GRU, layers="
                    + layers
                    + ", context="
                    + (context + 1)
                    + ", most for these layers="
                    + context),
        e.getMessage());
  }
}
