package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.architecture.ModelBuilder;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.data.CorpusContent;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.BatchSpans;
import io.shardfire.worker.objective.HostBatch;
import io.shardfire.worker.objective.Objective;
import io.shardfire.worker.objective.ObjectiveCorpus;
import io.shardfire.worker.objective.ObjectiveKind;
import io.shardfire.worker.objective.Packing;
import io.shardfire.worker.tokenizer.AddedTokens;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole runs of every objective, with ranks as threads. */
class ObjectiveTrainingTest {
  private static final int CONTEXT = 13;

  @TempDir static Path folder;

  /** What is trained, on a corpus of its own. */
  private enum Case {
    PACKED_CAUSAL(ObjectiveKind.CAUSAL, Packing.PACKED, AddedTokens.GPT2),
    PADDED_CAUSAL(ObjectiveKind.CAUSAL, Packing.PADDED, AddedTokens.GPT2),
    PACKED_MASKED(ObjectiveKind.AUTO, Packing.AUTO, AddedTokens.BERT),
    SENTENCE_PAIRS(ObjectiveKind.MASKED, Packing.AUTO, AddedTokens.BERT),
    STREAM_SPANS(ObjectiveKind.SPAN_CORRUPTION, Packing.AUTO, AddedTokens.T5),
    PAIRS(ObjectiveKind.AUTO, Packing.AUTO, AddedTokens.T5);

    private final ObjectiveKind objective;
    private final Packing packing;
    private final AddedTokens added;

    Case(ObjectiveKind objective, Packing packing, AddedTokens added) {
      this.objective = objective;
      this.packing = packing;
      this.added = added;
    }

    Path data() {
      return folder.resolve(this == PAIRS ? "pairs" : added.name());
    }

    ModelConfiguration model(float dropout) {
      ModelBuilder builder = ModelConfiguration.decoder(1, 2, 32, CONTEXT).dropout(dropout);
      return switch (added) {
        case GPT2, CHAT -> builder.build();
        case BERT ->
            this == SENTENCE_PAIRS
                ? builder.kind(Kind.ENCODER).segments(2).sentenceHead(true).build()
                : builder.kind(Kind.ENCODER).build();
        case T5 -> builder.kind(Kind.ENCODER_DECODER).sourceContext(CONTEXT + 4).build();
      };
    }

    TrainingBuilder training() {
      TrainingBuilder training = TestTraining.usual();
      training.objective(objective);
      training.packing(packing);
      training.wholeWords(this == PACKED_MASKED);
      training.nextSentence(this == SENTENCE_PAIRS);
      return training;
    }
  }

  @BeforeAll
  static void writeCorpora() {
    for (AddedTokens added : AddedTokens.values()) {
      ObjectiveCorpus.write(folder.resolve(added.name()), added, CorpusContent.TEXT, 120, 30, 20);
    }
    ObjectiveCorpus.write(
        folder.resolve("pairs"), AddedTokens.T5, CorpusContent.PAIRS, 120, 30, 10);
  }

  private static TestRun train(
      Case tested, String run, int ranks, float dropout, Consumer<TrainingBuilder> change) {
    TrainingBuilder training = tested.training();
    change.accept(training);
    return TestRun.train(
        tested.model(dropout),
        training.build(),
        tested.data(),
        folder.resolve(tested + run),
        ranks,
        true);
  }

  /** Few, since a JVM keeps the memory of every shape; the integration tests run all of them. */
  @ParameterizedTest
  @EnumSource(names = {"PACKED_MASKED", "PAIRS"})
  void shouldGiveTheSameBitsForEveryWorldSizeStageAndInterruption(Case tested) {
    Consumer<TrainingBuilder> four = t -> t.logicalShards(4);
    TestRun expected = train(tested, "one", 1, 0.1f, four);
    assertEquals(6, expected.steps.size());
    for (int ranks : new int[] {2, 4}) {
      String run = "ranks" + ranks;
      Consumer<TrainingBuilder> staged = four.andThen(t -> t.zeroStage(ranks == 2 ? 0 : 1));
      train(tested, run, ranks, 0.1f, staged.andThen(t -> t.steps(3)));
      TestRun actual = train(tested, run, ranks, 0.1f, staged);
      assertEquals(expected.curve().subList(3, 6), actual.curve());
      assertEquals(expected.outcome.validationLoss(), actual.outcome.validationLoss());
      assertEquals(
          TestRun.weights(folder.resolve(tested + "one"), 6),
          TestRun.weights(folder.resolve(tested + run), 6));
    }
  }

  /** However the global batch is cut, its gradient is that of one batch. */
  @ParameterizedTest
  @EnumSource
  void shouldNotDependOnHowTheBatchIsCut(Case tested) {
    TestRun whole = train(tested, "whole", 1, 0, cut(1, 8));
    TestRun parts = train(tested, "parts", 1, 0, cut(8, 1));
    for (int step = 0; step < 2; step++) {
      assertEquals(whole.steps.get(step).loss(), parts.steps.get(step).loss(), 1e-5);
      assertEquals(
          whole.steps.get(step).gradientNorm(), parts.steps.get(step).gradientNorm(), 1e-4);
    }
    assertEquals(whole.outcome.validationLoss(), parts.outcome.validationLoss(), 1e-3);
  }

  private static Consumer<TrainingBuilder> cut(int accumulation, int microBatch) {
    return t -> {
      t.logicalShards(1);
      t.accumulation(accumulation);
      t.microBatch(microBatch);
      t.evaluationBatches(24 / microBatch);
      t.steps(2);
    };
  }

  @ParameterizedTest
  @EnumSource
  void shouldLearn(Case tested) {
    Consumer<TrainingBuilder> change = cut(1, 8);
    TestRun run =
        train(
            tested,
            "long",
            1,
            0,
            change.andThen(
                t -> {
                  t.steps(80);
                  t.decaySteps(80);
                  t.evaluateEvery(0);
                }));
    double first = run.steps.get(0).loss();
    double last =
        run.steps.subList(70, 80).stream().mapToDouble(s -> s.loss()).average().orElseThrow();
    // The classes of sentence pairs are as good as random in so small a corpus.
    assertTrue(last < first - 0.1, "first=" + first + ", last=" + last);
  }

  @Test
  void shouldCountWhatIsComputed() {
    TestRun pairs = train(Case.PAIRS, "counted", 1, 0, cut(1, 8));
    assertEquals(8L * (CONTEXT + CONTEXT + 4), pairs.steps.get(0).tokens());
  }

  /** Of every step, over all shards and passes. */
  @Test
  void shouldLetTheWeightsOfAStepAddUpToItsRows() {
    BatchShape shape = new BatchShape(1, 2, 3, 2, 5);
    Objective halves = objective(sequence -> (int) (sequence % 3 == 0 ? 0 : 1 + sequence % 4));
    DatasetBatches batches = new DatasetBatches(() -> halves, shape);
    BatchForm form = new BatchForm(2, 5, 0, true, false, false, false);
    for (long step = 0; step < 5; step++) {
      double sum = 0;
      for (int shard = 0; shard < 2; shard++) {
        for (int pass = 0; pass < 3; pass++) {
          BatchSpans batch = HostBatch.of(form);
          batches.load(step, shard, pass, batch);
          for (int row = 0; row < 2; row++) {
            sum += batch.weights().get(row);
          }
        }
      }
      assertEquals((double) shape.tokensPerStep(), sum, 1e-3);
    }
  }

  @Test
  void shouldRefuseAStepThatCountsNothing() {
    DatasetBatches batches =
        new DatasetBatches(() -> objective(sequence -> 0), new BatchShape(1, 2, 1, 2, 5));
    BatchSpans batch = HostBatch.of(new BatchForm(2, 5, 0, true, false, false, false));
    TrainingException e = assertThrows(TrainingException.class, () -> batches.load(6, 0, 0, batch));
    assertTrue(
        e.getMessage().startsWith("Nothing is to be predicted in any sequence of a step;")
            && e.getMessage().endsWith("step=7, sequences=4"),
        e.getMessage());
  }

  /** Writes what a sequence counts as the weight of its batch's row. */
  private static Objective objective(LongToDoubleFunction weight) {
    return new Objective() {
      @Override
      public double weight(long sequence) {
        return weight.applyAsDouble(sequence);
      }

      @Override
      public void write(long sequence, int row, double scale, BatchSpans batch) {
        batch.weights().set(row, (float) (scale * weight(sequence)));
      }
    };
  }

  @Test
  void shouldRefuseAModelThatIsNotForTheObjective() {
    TrainingBuilder training = TestTraining.usual();
    training.objective(ObjectiveKind.MASKED);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> training.build().form(Case.PADDED_CAUSAL.model(0)));
    assertTrue(
        e.getMessage()
            .endsWith("model.kind=encoder: model.kind=decoder, training.objective=masked"),
        e.getMessage());
    training.nextSentence(true);
    IllegalArgumentException segments =
        assertThrows(
            IllegalArgumentException.class,
            () -> training.build().form(Case.PACKED_MASKED.model(0)));
    assertTrue(
        segments.getMessage().contains("set model.segments=2 and model.sentenceHead=true"),
        segments.getMessage());
  }
}
