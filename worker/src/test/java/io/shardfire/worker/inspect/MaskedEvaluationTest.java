package io.shardfire.worker.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.ops.WeightFormat;
import io.shardfire.worker.architecture.ModelBuilder;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.data.CorpusContent;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenIndex;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.BatchSpans;
import io.shardfire.worker.objective.HostBatch;
import io.shardfire.worker.objective.Objective;
import io.shardfire.worker.objective.ObjectiveCorpus;
import io.shardfire.worker.objective.ObjectiveKind;
import io.shardfire.worker.objective.ObjectiveSettings;
import io.shardfire.worker.objective.Packing;
import io.shardfire.worker.objective.SequenceOrder;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.DropoutFactors;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import io.shardfire.worker.tokenizer.AddedTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskedEvaluationTest {
  private static final int VOCABULARY = ObjectiveCorpus.LETTERS + 5;
  private static final int CONTEXT = 19;
  private static final MaskSettings MASKS = new MaskSettings(0.15f, false);

  @TempDir static Path folder;
  private static ComputeContext compute;

  @BeforeAll
  static void writeCorpora() {
    compute = ComputeContext.open(ComputeDevice.select("cpu"));
    ObjectiveCorpus.write(
        folder.resolve("texts"), AddedTokens.BERT, CorpusContent.TEXT, 10, 60, 30);
    ObjectiveCorpus.write(folder.resolve("pairs"), AddedTokens.T5, CorpusContent.PAIRS, 10, 10, 30);
  }

  /** More sequences than a pass has, and a number that fills no pass. */
  @Test
  void shouldAgreeWithTheReferenceOnTheMasksOfValidation() throws IOException {
    shouldAgree(SmallModel.random(encoder().build()), 237);
  }

  @Test
  void shouldAgreeWithTheReferenceForAModelThatTellsSentencesApart() throws IOException {
    shouldAgree(SmallModel.random(encoder().segments(2).sentenceHead(true).build()), 3);
  }

  private static void shouldAgree(SmallModel small, int sequences) throws IOException {
    MaskedLosses losses = evaluate(sequences, small).get(0);

    Expected expected = new Expected(small, sequences);
    assertEquals(sequences, losses.sequences());
    assertEquals(expected.targets.size(), losses.hidden());
    assertEquals(expected.sum / expected.targets.size(), losses.mean(), 1e-5);
    assertEquals(StrictMath.exp(losses.mean()), losses.perplexity());
    assertEquals((double) expected.correct / expected.targets.size(), losses.accuracy());
    long mostFrequent =
        IntStream.range(0, VOCABULARY)
            .mapToLong(id -> expected.targets.stream().filter(target -> target == id).count())
            .max()
            .orElseThrow();
    assertEquals((double) mostFrequent / expected.targets.size(), losses.unigramAccuracy());
  }

  @Test
  void shouldReadTheWholeSplitUnlessTold() throws IOException {
    long tokens;
    try (TokenDataset data = corpus("texts")) {
      tokens = data.tokens(TokenSplit.VALIDATION);
    }
    SmallModel small = SmallModel.random(encoder().build());

    assertEquals(tokens / (CONTEXT - 2), evaluate(0, small).get(0).sequences());
  }

  @Test
  void shouldLetModelsUseOneMemoryInTurn() throws IOException {
    SmallModel wide = SmallModel.random(encoder().build());
    SmallModel ignorant =
        SmallModel.filled(
            ModelConfiguration.decoder(1, 1, 8, CONTEXT)
                .kind(Kind.ENCODER)
                .vocabularySize(VOCABULARY)
                .build(),
            tensor -> new float[(int) tensor.elements()]);

    List<MaskedLosses> losses = evaluate(5, wide, ignorant, wide);

    assertEquals(losses.get(0), losses.get(2));
    assertEquals(StrictMath.log(VOCABULARY), losses.get(1).mean(), 1e-6);
  }

  @Test
  void shouldRefuseADecoder() {
    SmallModel decoder = SmallModel.random(encoder().kind(Kind.DECODER).build());

    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> evaluate(1, decoder));
    assertEquals(
        "Hidden tokens are predicted by encoders only; evaluate other models by themselves:"
            + " model=small, kind=DECODER",
        thrown.getMessage());
  }

  @Test
  void shouldRefuseACorpusOfAnotherTokenizer() throws IOException {
    SmallModel small = SmallModel.random(encoder().build());
    try (OpenModel model = open(small, "texts");
        TokenDataset data = corpus("pairs")) {
      DataException thrown =
          assertThrows(
              DataException.class,
              () -> MaskedEvaluation.of(List.of(model), data, TokenSplit.VALIDATION, 1, MASKS));
      assertTrue(
          thrown.getMessage().startsWith("The corpus was prepared with another tokenizer than"),
          thrown.getMessage());
    }
  }

  @Test
  void shouldRefuseToReadPairsAsText() throws IOException {
    SmallModel decoder =
        SmallModel.random(
            encoder().kind(Kind.DECODER).vocabularySize(ObjectiveCorpus.LETTERS + 102).build());
    try (OpenModel model = open(decoder, "pairs");
        TokenDataset data = corpus("pairs")) {
      DataException thrown =
          assertThrows(
              DataException.class,
              () ->
                  LossEvaluation.of(
                      List.of(new LossEvaluation.Task(model, List.of(9))),
                      data,
                      TokenSplit.VALIDATION,
                      1));
      assertEquals(
          "The corpus holds pairs of a source and a target, and a decoder reads plain texts;"
              + " prepare the texts with another --documents: content=pairs",
          thrown.getMessage());
    }
  }

  private static List<MaskedLosses> evaluate(int sequences, SmallModel... models)
      throws IOException {
    List<OpenModel> opened = new ArrayList<>();
    List<MaskedLosses> rows = new ArrayList<>();
    try (TokenDataset data = corpus("texts")) {
      for (int i = 0; i < models.length; i++) {
        opened.add(open(models[i], "texts"));
      }
      MaskedEvaluation.of(opened, data, TokenSplit.VALIDATION, sequences, MASKS)
          .run(compute, (model, losses) -> rows.add(losses));
    } finally {
      opened.forEach(OpenModel::close);
    }
    return rows;
  }

  private static OpenModel open(SmallModel small, String corpus) throws IOException {
    return small.open(
        Files.createTempDirectory(folder, "model"),
        Files.readString(folder.resolve(corpus).resolve(TokenIndex.TOKENIZER_FILE)));
  }

  private static TokenDataset corpus(String name) {
    return TokenDataset.open(new Configuration(false), SmallModel.hadoop(folder.resolve(name)));
  }

  private static ModelBuilder encoder() {
    return SmallModel.composition(PositionKind.ROPE, 0)
        .with()
        .kind(Kind.ENCODER)
        .context(CONTEXT)
        .vocabularySize(VOCABULARY);
  }

  /** What the double reference makes of the sequences that training's validation reads. */
  private static final class Expected {
    private final SmallModel small;
    private final List<Integer> targets = new ArrayList<>();
    private double sum;
    private int correct;

    Expected(SmallModel small, int sequences) {
      this.small = small;
      ObjectiveSettings settings =
          new ObjectiveSettings(ObjectiveKind.MASKED, Packing.AUTO, 0.15f, 3, false, false)
              .resolved(Kind.ENCODER);
      BatchForm form = settings.form(1, small.model());
      try (TokenDataset data = corpus("texts")) {
        Objective objective =
            Objective.of(
                settings, form, data, TokenSplit.VALIDATION, new SequenceOrder.Spread(sequences));
        for (int sequence = 0; sequence < sequences; sequence++) {
          BatchSpans batch = HostBatch.of(form);
          objective.write(sequence, 0, 1, batch);
          add(batch);
        }
      }
    }

    private void add(BatchSpans batch) {
      PlannedPass pass = PlannedPass.of(small.model(), WeightFormat.FP32, batch.form());
      Reference reference =
          new Reference(
              Pass.evaluation(1, CONTEXT),
              pass.modules().published(),
              small.doubles(),
              DropoutFactors.NONE);
      Value segments = pass.batch().segments();
      if (segments != null) {
        reference.give(segments, new int[CONTEXT]);
      }
      reference.give(
          pass.batch().visible().first(), HostBatch.whole(batch.visible().first(), 0, CONTEXT));
      reference.give(
          pass.batch().visible().end(), HostBatch.whole(batch.visible().end(), 0, CONTEXT));
      Tensor logits = pass.modules().reference(reference, HostBatch.whole(batch.ids(), 0, CONTEXT));
      int[] asked = HostBatch.whole(batch.targets(), 0, CONTEXT);
      double[] losses = reference.tape().crossEntropy(logits, asked).values();
      for (int place = 0; place < CONTEXT; place++) {
        if (asked[place] >= 0) {
          targets.add(asked[place]);
          sum += losses[place];
          correct += likeliest(logits, place) == asked[place] ? 1 : 0;
        }
      }
    }

    private static int likeliest(Tensor logits, int place) {
      double[] row =
          Arrays.copyOfRange(logits.values(), place * VOCABULARY, (place + 1) * VOCABULARY);
      return IntStream.range(0, VOCABULARY).reduce(0, (a, b) -> row[b] > row[a] ? b : a);
    }
  }
}
