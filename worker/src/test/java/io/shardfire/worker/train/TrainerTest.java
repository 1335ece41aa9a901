package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.generate.GenerationOptions;
import io.shardfire.worker.generate.Generator;
import io.shardfire.worker.generate.Prompt;
import io.shardfire.worker.generate.Sampling;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.program.ParameterFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs with ranks as threads. */
class TrainerTest {
  /** Dropout on, context that divides nothing. */
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(2, 2, 32, 11).dropout(0.1f).build();

  private static final int VOCABULARY = 29;

  @TempDir static Path folder;
  private static Path data;

  @BeforeAll
  static void writeCorpus() {
    data = folder.resolve("corpus");
    TestCorpus.write(data, VOCABULARY, 400, 150);
  }

  @Test
  void shouldGiveTheSameBitsForEveryWorldSizeAndStage() {
    Path one = folder.resolve("one");
    TestRun expected = train(one, 1, t -> t.logicalShards(4));
    assertEquals(6, expected.steps.size());
    assertEquals(3, expected.evaluations.size());
    for (int worldSize : new int[] {2, 4}) {
      for (int stage : new int[] {0, 1}) {
        Path run = folder.resolve("ranks-" + worldSize + "-stage-" + stage);
        TestRun actual =
            train(
                run,
                worldSize,
                t -> {
                  t.logicalShards(4);
                  t.zeroStage(stage);
                });
        assertEquals(expected.curve(), actual.curve(), run.toString());
        assertEquals(expected.evaluations, actual.evaluations, run.toString());
        assertEquals(TestRun.weights(one, 6), TestRun.weights(run, 6), run.toString());
        assertEquals(worldSize, actual.starts.size());
      }
    }
  }

  @Test
  void shouldAccumulateAlikeForEveryWorldSize() {
    Consumer<TrainingBuilder> change =
        t -> {
          t.accumulation(3);
          t.microBatch(1);
          t.clipNorm(0);
        };
    TestRun one = train(folder.resolve("accumulate-1"), 1, change);
    TestRun two = train(folder.resolve("accumulate-2"), 2, change);
    assertEquals(one.curve(), two.curve());
    assertEquals(2L * 3 * 11, one.steps.get(0).tokens());
  }

  @Test
  void shouldResumeBitForBit() {
    Path whole = folder.resolve("whole");
    TestRun expected = train(whole, 2, t -> {});
    assertResumes(expected, TestRun.weights(whole, 6), 2, 2);
    assertResumes(expected, TestRun.weights(whole, 6), 2, 1);
    assertResumes(expected, TestRun.weights(whole, 6), 1, 2);
  }

  @Test
  void shouldStopAllRanksAfterOneStepWithItsCheckpoint() {
    Path whole = folder.resolve("not-stopped");
    TestRun expected = train(whole, 2, t -> {});
    for (int every : new int[] {0, 2, 4}) {
      Path run = folder.resolve("stopped-" + every);
      TrainingBuilder training = TestTraining.usual().checkpointEvery(every);
      TestRun first = TestRun.trainUntil(4, MODEL, training.build(), data, run, 2);
      assertEquals(4, first.outcome.steps());
      assertEquals(expected.curve().subList(0, 4), first.curve());
      assertEquals(every == 2 ? List.of(2L, 4L) : List.of(4L), first.checkpoints);
      assertTrue(first.outcome.checkpoint().endsWith("step-00000004"), first.outcome.checkpoint());

      TestRun second = TestRun.train(MODEL, training.build(), data, run, 2, true);
      assertEquals(4, second.starts.get(0).firstStep());
      assertEquals(expected.curve().subList(4, 6), second.curve());
      assertEquals(TestRun.weights(whole, 6), TestRun.weights(run, 6));
    }
  }

  @Test
  void shouldFinishWhenAskedToStopInTheLastStep() {
    Path run = folder.resolve("stopped-at-last");
    TestRun asked = TestRun.trainUntil(6, MODEL, TestTraining.usual().build(), data, run, 1);
    assertEquals(6, asked.outcome.steps());
    assertTrue(Double.isFinite(asked.outcome.validationLoss()));
  }

  private static void assertResumes(
      TestRun expected, Map<String, String> weights, int before, int after) {
    Path run = folder.resolve("resume-" + before + "-" + after);
    train(run, before, t -> t.steps(3));
    TestRun second = TestRun.train(MODEL, TestTraining.usual().build(), data, run, after, true);
    assertEquals(3, second.starts.get(0).firstStep());
    assertEquals(expected.curve().subList(3, 6), second.curve());
    assertEquals(weights, TestRun.weights(run, 6));
    assertEquals(expected.outcome.validationLoss(), second.outcome.validationLoss());
  }

  @Test
  void shouldSaveAndResumeInPagesLikeInOneArray() {
    Path whole = folder.resolve("one-array");
    TestRun expected = train(whole, 2, t -> t.checkpointEvery(3));
    Path paged = folder.resolve("paged");
    System.setProperty(PageSize.PROPERTY, "20000");
    try {
      ModelConfiguration model = MODEL.withVocabularySize(VOCABULARY);
      RankMemoryLayout layout = RankMemoryLayout.of(model, TestTraining.usual().build(), 2);
      assertTrue(layout.pages().get(MemoryRole.PARAMETERS).floats().size() > 1);
      train(paged, 2, t -> t.steps(3));
      TestRun second = TestRun.train(MODEL, TestTraining.usual().build(), data, paged, 2, true);
      assertEquals(expected.curve().subList(3, 6), second.curve());
      assertEquals(expected.outcome.validationLoss(), second.outcome.validationLoss());
    } finally {
      System.clearProperty(PageSize.PROPERTY);
    }
    assertEquals(TestRun.weights(whole, 6), TestRun.weights(paged, 6));
  }

  @Test
  void shouldRefuseToResumeWhatWouldNotContinue() {
    Path run = folder.resolve("refused");
    train(run, 1, t -> t.steps(1));
    assertRefused(run, data, true, t -> t.seed(9), "training.seed=9, checkpoint=1");
    assertRefused(
        run, data, true, t -> t.logicalShards(4), "training.logicalShards=4, checkpoint=2");
    assertRefused(run, data, false, t -> {}, "step=1");
    Path other = folder.resolve("other-corpus");
    TestCorpus.write(other, VOCABULARY - 1, 400, 150);
    assertRefused(run, other, true, t -> {}, "corpus.vocabularyHash=");
    Path longer = folder.resolve("longer-corpus");
    TestCorpus.write(longer, VOCABULARY, 401, 150);
    assertRefused(run, longer, true, t -> {}, "corpus.trainTokens=401, checkpoint=400");
  }

  @Test
  void shouldNotGoOnFromTheCheckpointOfAnotherRun() throws IOException {
    Path run = folder.resolve("other-run");
    train(run, 1, t -> t.steps(1));
    Path manifest = run.resolve("step-00000001/manifest.json");
    String text = Files.readString(manifest);
    String trainer = Files.readString(run.resolve("step-00000001/trainer.json"));
    assertTrue(trainer.contains("\"run_id\" : \"run of the test\""), trainer);

    Files.writeString(manifest, text.replace("run of the test", "another"));
    assertRefused(run, data, true, t -> {}, "its run id=another, this run id=run of the test");

    // Versions that knew no runs left none.
    Files.writeString(manifest, text.replace("run of the test", ""));
    assertEquals(
        1,
        TestRun.train(MODEL, TestTraining.usual().build(), data, run, 1, true)
            .starts
            .get(0)
            .firstStep());
  }

  @Test
  void shouldStopBeforeTheUpdateWhenTheLossIsNotFinite() {
    TrainingException e = diverged("plain", t -> {});
    assertEquals(
        e.getMessage(),
        diverged("activations", t -> t.activations(ActivationFormat.BF16)).getMessage());
    assertEquals(
        e.getMessage(),
        diverged("parameters", t -> t.parameters(ParameterFormat.BF16)).getMessage());
    assertTrue(e.getMessage().contains("step=2, rank=0, tensor="), e.getMessage());
    assertTrue(e.getMessage().matches(".*tensor=(block-|h\\.|wte|ln_f|last).*"), e.getMessage());
    assertTrue(e.getMessage().contains("Lower training.learningRate"), e.getMessage());
  }

  private static TrainingException diverged(String name, Consumer<TrainingBuilder> change) {
    return assertThrows(
        TrainingException.class,
        () ->
            train(
                folder.resolve("diverged-" + name),
                2,
                change.andThen(t -> t.learningRate(1e30f).warmupSteps(0))));
  }

  @Test
  void shouldLearn() {
    TestRun run =
        train(
            folder.resolve("learn"),
            1,
            t -> {
              t.steps(60);
              t.decaySteps(60);
              t.evaluateEvery(0);
              t.checkpointEvery(25);
            });
    double first = run.steps.get(0).loss();
    assertEquals(Math.log(VOCABULARY), first, 0.1);
    assertTrue(run.outcome.validationLoss() < 2, "loss=" + run.outcome.validationLoss());
    assertEquals(List.of(25L, 50L, 60L), run.checkpoints);
    assertContinuesTheAlphabet(folder.resolve("learn/step-00000060"));
  }

  /** The checkpoint is a model folder whose model has learned what the corpus is like. */
  private static void assertContinuesTheAlphabet(Path checkpoint) {
    List<Integer> drawn = new ArrayList<>();
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
    try (Generator generator =
        Generator.load(
            new Configuration(false),
            new org.apache.hadoop.fs.Path(checkpoint.toUri()),
            compute,
            1)) {
      generator.generate(
          List.of(new Prompt("ABC", 1)),
          GenerationOptions.of(10, Sampling.GREEDY),
          continuation -> drawn.addAll(continuation.tokens()));
    }
    int previous = 2;
    int successors = 0;
    for (int token : drawn) {
      successors += token == (previous + 1) % VOCABULARY ? 1 : 0;
      previous = token;
    }
    assertTrue(successors >= 8, drawn.toString());
  }

  @Test
  void shouldRefuseAVocabularyBelowTheCorpus() {
    TrainingException e =
        assertThrows(
            TrainingException.class,
            () ->
                TestRun.train(
                    MODEL.withVocabularySize(28),
                    TestTraining.usual().build(),
                    data,
                    folder.resolve("small-vocabulary"),
                    1,
                    false));
    assertTrue(
        e.getMessage().endsWith("model.vocabularySize=28, corpus vocabularySize=29"),
        e.getMessage());
  }

  @Test
  void shouldPlanWhatIsAllocated() {
    for (int worldSize : new int[] {1, 2}) {
      TrainingBuilder training = TestTraining.usual();
      ModelConfiguration model = MODEL.withVocabularySize(VOCABULARY);
      MemoryPlan plan = MemoryPlan.of(model, training.build(), worldSize);
      TestRun run = train(folder.resolve("plan-" + worldSize), worldSize, t -> t.steps(1));
      TrainingListener.StartReport start = run.starts.get(0);
      assertEquals(plan.parameters(), start.parameters());
      assertEquals(plan.parameterBytes(), start.parameterBytes());
      assertEquals(plan.gradientBytes(), start.gradientBytes());
      assertEquals(plan.optimizerBytes(), start.optimizerBytes());
      assertEquals(plan.activationBytes(), start.activationBytes());
    }
  }

  private static void assertRefused(
      Path run, Path corpus, boolean resume, Consumer<TrainingBuilder> change, String text) {
    TrainingBuilder training = TestTraining.usual();
    change.accept(training);
    TrainingException e =
        assertThrows(
            TrainingException.class,
            () -> TestRun.train(MODEL, training.build(), corpus, run, 1, resume));
    assertTrue(e.getMessage().contains(text), e.getMessage());
  }

  private static TestRun train(Path run, int worldSize, Consumer<TrainingBuilder> change) {
    TrainingBuilder training = TestTraining.usual();
    change.accept(training);
    return TestRun.train(MODEL, training.build(), data, run, worldSize, false);
  }
}
