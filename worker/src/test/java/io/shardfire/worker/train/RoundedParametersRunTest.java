package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.program.ParameterFormat;
import io.shardfire.worker.train.TrainingConfiguration.OptimizerKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole runs whose passes read parameters in bf16, with ranks as threads. */
class RoundedParametersRunTest {
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(2, 2, 32, 11).vocabularySize(29).dropout(0.1f).build();

  @TempDir static Path folder;
  private static Path data;

  @BeforeAll
  static void writeCorpus() {
    data = folder.resolve("corpus");
    TestCorpus.write(data, 29, 400, 150);
  }

  private static TrainingBuilder settings(ParameterFormat format, OptimizerKind optimizer) {
    return TestTraining.usual().parameters(format).optimizer(optimizer);
  }

  /** A run in one go, and runs that others go on with: of as many ranks, and at either stage. */
  @ParameterizedTest
  @EnumSource(
      value = OptimizerKind.class,
      names = {"ADAMW", "ADAFACTOR"})
  void shouldResumeBitForBit(OptimizerKind optimizer) {
    String name = optimizer.name();
    TestRun expected = train(name + "-whole", 1, optimizer, false, t -> {});
    for (int[] ranks : new int[][] {{1, 2}, {2, 1}, {4, 2}, {2, 4}}) {
      for (int stage : new int[] {0, 1}) {
        String run = name + "-" + ranks[0] + "-" + ranks[1] + "-" + stage;
        train(run, ranks[0], optimizer, false, t -> t.steps(3).zeroStage(1 - stage));
        // The checkpoints between are copies, which the steps behind them must not touch.
        TestRun resumed =
            train(run, ranks[1], optimizer, true, t -> t.zeroStage(stage).checkpointEvery(1));
        assertEquals(3, resumed.starts.get(0).firstStep());
        assertEquals(expected.curve().subList(3, 6), resumed.curve(), run);
        assertEquals(expected.outcome.validationLoss(), resumed.outcome.validationLoss(), run);
        assertEquals(weights(name + "-whole"), weights(run), run);
      }
    }
  }

  /** What a checkpoint holds does not depend on what passes read, so that may be changed. */
  @Test
  void shouldGoOnFromACheckpointOfTheOtherFormat() {
    train(
        "of-fp32", 2, OptimizerKind.ADAMW, false, t -> t.parameters(ParameterFormat.FP32).steps(3));
    TrainingConfiguration training =
        settings(ParameterFormat.BF16, OptimizerKind.ADAMW).logicalShards(4).build();
    TestRun resumed =
        TestRun.train(
            MODEL,
            training,
            data,
            folder.resolve("of-fp32"),
            2,
            true,
            List.of("training.parameters"));
    assertEquals(3, resumed.starts.get(0).firstStep());
  }

  @Test
  void shouldBeginWithTheWeightsOfAFolderOnEveryRank() {
    train("first", 1, OptimizerKind.ADAMW, false, t -> t.steps(2));
    String from = folder.resolve("first/step-00000002").toString();
    List<List<String>> curves = new ArrayList<>();
    for (int ranks : new int[] {1, 2, 4}) {
      curves.add(
          TestRun.train(
                  MODEL,
                  settings(ParameterFormat.BF16, OptimizerKind.ADAMW).logicalShards(4).build(),
                  data,
                  folder.resolve("from-" + ranks),
                  from,
                  ranks,
                  false,
                  List.of(),
                  LateGathers::new)
              .curve());
    }
    assertEquals(curves.get(0), curves.get(1));
    assertEquals(curves.get(0), curves.get(2));
  }

  private static TestRun train(
      String run,
      int ranks,
      OptimizerKind optimizer,
      boolean resume,
      Consumer<TrainingBuilder> change) {
    TrainingBuilder training = settings(ParameterFormat.BF16, optimizer).logicalShards(4);
    change.accept(training);
    return TestRun.train(MODEL, training.build(), data, folder.resolve(run), ranks, resume);
  }

  private static Object weights(String run) {
    return TestRun.weights(folder.resolve(run), 6);
  }
}
