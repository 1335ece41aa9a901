package io.shardfire.worker.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.nn.LanguageModel;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.random.CounterRandom;
import io.shardfire.worker.reference.DropoutFactors;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class LossEvaluationTest {
  /** Two stretches of 18 tokens, the token after, and a rest. */
  private static final int[] TOKENS =
      IntStream.range(0, 41)
          .map(i -> (int) (CounterRandom.uniform(5, i) * SmallModel.VOCABULARY))
          .toArray();

  @TempDir static Path folder;
  private static ComputeContext compute;

  @BeforeAll
  static void writeCorpus() throws IOException {
    compute = ComputeContext.open(ComputeDevice.select("cpu"));
    SmallModel.writeCorpus(folder.resolve("corpus"), SmallModel.tokenizer(), TOKENS);
  }

  @ParameterizedTest
  @EnumSource(value = PositionKind.class, mode = Mode.EXCLUDE, names = "LEARNED")
  void shouldAgreeWithTheReferenceBeyondTheTrainedContext(PositionKind positions)
      throws IOException {
    SmallModel small = SmallModel.random(SmallModel.composition(positions, 4));

    for (Losses losses : evaluate(small, 0, 9, 18, 5)) {
      int context = losses.context();
      Expected expected = new Expected(small, context, windows(context));
      assertEquals(2L * (18 / context) * context, losses.tokens());
      assertEquals(expected.mean(0, context), losses.mean(), 1e-5, "context=" + context);
      assertEquals(expected.mean(3, 5), losses.mean(3, 5), 1e-5, "context=" + context);
      assertEquals(expected.accuracy(), losses.accuracy(), "context=" + context);
      assertEquals(expected.bytes, losses.bytes());
      assertEquals(
          losses.mean() * losses.tokens() / StrictMath.log(2) / expected.bytes,
          losses.bitsPerByte().orElseThrow(),
          1e-9);
    }
  }

  /** Both stretches of 18 tokens, cut. */
  private static Integer[] windows(int context) {
    return IntStream.range(0, 36)
        .filter(from -> from % 18 % context == 0 && from % 18 + context <= 18)
        .boxed()
        .toArray(Integer[]::new);
  }

  @Test
  void shouldAgreeWithTheReferenceWithinLearnedPositions() throws IOException {
    SmallModel small =
        SmallModel.random(ModelConfiguration.decoder(2, 3, 48, 9).vocabularySize(31).build());

    Losses losses = evaluate(small, 0, 7).get(0);

    assertEquals(new Expected(small, 7, 0, 7, 14, 21, 28).mean(0, 7), losses.mean(), 1e-5);
  }

  @Test
  void shouldLetModelsUseOneMemoryInTurn() throws IOException {
    SmallModel wide = SmallModel.random(SmallModel.composition(PositionKind.ROPE, 0));
    SmallModel narrow =
        SmallModel.random(ModelConfiguration.decoder(2, 3, 48, 9).vocabularySize(31).build());
    List<Double> means = new ArrayList<>();

    try (OpenModel first = wide.open(folder.resolve("wide"));
        OpenModel second = narrow.open(folder.resolve("narrow"));
        OpenModel third = wide.open(folder.resolve("wide"));
        TokenDataset data = corpus()) {
      LossEvaluation.of(
              Stream.of(first, second, third)
                  .map(model -> new LossEvaluation.Task(model, List.of(8)))
                  .toList(),
              data,
              TokenSplit.VALIDATION,
              0)
          .run(compute, (evaluated, losses) -> means.add(losses.mean()));
    }

    double alone = evaluate(wide, 0, 8).get(0).mean();
    assertEquals(List.of(alone, evaluate(narrow, 0, 8).get(0).mean(), alone), means);
  }

  @Test
  void shouldSpreadTheWindowsThatAreAskedFor() throws IOException {
    SmallModel small = SmallModel.random(SmallModel.composition(PositionKind.ROPE, 0));

    Losses losses = evaluate(small, 2, 5).get(0);

    assertEquals(10, losses.tokens());
    // Of the eight that there are.
    assertEquals(new Expected(small, 5, 0, 20).mean(0, 5), losses.mean(), 1e-5);
  }

  @Test
  void shouldFindAModelThatKnowsNothingAsUnsureAsItsVocabularyIsLarge() throws IOException {
    SmallModel ignorant =
        SmallModel.filled(
            SmallModel.composition(PositionKind.NONE, 0),
            tensor -> new float[(int) tensor.elements()]);

    Losses losses = evaluate(ignorant, 0, 8).get(0);

    int[] targets = Arrays.copyOfRange(TOKENS, 1, 41);
    assertEquals(StrictMath.log(31), losses.mean(), 1e-6);
    assertEquals(31, losses.perplexity(), 1e-4);
    assertEquals(
        40
            * StrictMath.log(31)
            / StrictMath.log(2)
            / Arrays.stream(targets).map(SmallModel::bytes).sum(),
        losses.bitsPerByte().orElseThrow(),
        1e-6);
    // All are equally likely, so the first is taken.
    assertEquals(Arrays.stream(targets).filter(id -> id == 0).count() / 40.0, losses.accuracy());
  }

  @Test
  void shouldRefuseContextsBeyondLearnedPositions() throws IOException {
    SmallModel small =
        SmallModel.random(ModelConfiguration.decoder(1, 1, 8, 9).vocabularySize(31).build());

    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> evaluate(small, 0, 9, 10));
    assertEquals(
        "A model is evaluated at contexts that it has positions for: model=small,"
            + " positions=LEARNED, trained context=9, contexts=[9, 10]",
        thrown.getMessage());
  }

  @Test
  void shouldRefuseAModelThatPredictsNoNextTokens() {
    SmallModel encoder =
        SmallModel.random(
            SmallModel.composition(PositionKind.ROPE, 0).with().kind(Kind.ENCODER).build());

    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> evaluate(encoder, 0, 9));
    assertEquals(
        "Losses are those of next tokens, which only a decoder predicts: model=small, kind=ENCODER",
        thrown.getMessage());
  }

  @Test
  void shouldRefuseASplitThatIsTooShort() {
    SmallModel small = SmallModel.random(SmallModel.composition(PositionKind.ROPE, 0));

    DataException thrown = assertThrows(DataException.class, () -> evaluate(small, 0, 41));
    assertEquals(
        "The split is shorter than the longest context and the token after it; evaluate at a"
            + " shorter context, or prepare a larger split: split=validation, tokens=41,"
            + " context=41",
        thrown.getMessage());
  }

  @Test
  void shouldRefuseACorpusOfAnotherTokenizer() throws IOException {
    TreeSet<Integer> letters = new TreeSet<>();
    IntStream.range(0, SmallModel.VOCABULARY).forEach(i -> letters.add('A' + i));
    SmallModel small = SmallModel.random(SmallModel.composition(PositionKind.ROPE, 0));
    try (OpenModel model =
            small.open(folder.resolve("other"), TokenizerJson.characters(letters, false));
        TokenDataset data = corpus()) {
      DataException thrown =
          assertThrows(
              DataException.class,
              () ->
                  LossEvaluation.of(
                      List.of(new LossEvaluation.Task(model, List.of(9))),
                      data,
                      TokenSplit.VALIDATION,
                      0));
      assertTrue(
          thrown
              .getMessage()
              .startsWith(
                  "The corpus was prepared with another tokenizer than the model's; prepare the"
                      + " text anew with the model's: model=small, vocabularySize=31,"
                      + " vocabularyHash="),
          thrown.getMessage());
    }
  }

  @Test
  void shouldSayWhenALossIsNotFinite() {
    SmallModel broken =
        SmallModel.filled(
            SmallModel.composition(PositionKind.ROPE, 0),
            tensor -> {
              float[] values = new float[(int) tensor.elements()];
              Arrays.fill(values, Float.NaN);
              return values;
            });

    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> evaluate(broken, 0, 9));
    assertEquals(
        "The model's loss is not finite; inspect shows which weights are not: model=small,"
            + " context=9, loss=NaN",
        thrown.getMessage());
  }

  private static List<Losses> evaluate(SmallModel small, int windows, Integer... contexts)
      throws IOException {
    List<Losses> rows = new ArrayList<>();
    try (OpenModel model = small.open(folder.resolve("model"));
        TokenDataset data = corpus()) {
      LossEvaluation.of(
              List.of(new LossEvaluation.Task(model, List.of(contexts))),
              data,
              TokenSplit.VALIDATION,
              windows)
          .run(compute, (evaluated, losses) -> rows.add(losses));
    }
    return rows;
  }

  private static TokenDataset corpus() {
    return TokenDataset.open(new Configuration(false), SmallModel.hadoop(folder.resolve("corpus")));
  }

  /** What the double reference makes of the windows that begin at these tokens. */
  private static final class Expected {
    private final double[] sums;
    private int windows;
    private int correct;
    private int bytes;

    Expected(SmallModel small, int context, Integer... windows) {
      this.sums = new double[context];
      for (int from : windows) {
        add(small, context, from);
      }
    }

    private void add(SmallModel small, int context, int from) {
      int[] ids = Arrays.copyOfRange(TOKENS, from, from + context);
      int[] targets = Arrays.copyOfRange(TOKENS, from + 1, from + context + 1);
      LanguageModel modules = Architecture.of(small.longer(context), TokenBatch.of(1, context));
      Reference reference =
          new Reference(
              Pass.evaluation(1, context),
              modules.published(),
              small.doubles(),
              DropoutFactors.NONE);
      Tensor logits = modules.reference(reference, ids);
      double[] losses = reference.tape().crossEntropy(logits, targets).values();
      for (int i = 0; i < context; i++) {
        sums[i] += losses[i];
        int row = i * SmallModel.VOCABULARY;
        int best =
            IntStream.range(0, SmallModel.VOCABULARY)
                .reduce(0, (a, b) -> logits.values()[row + b] > logits.values()[row + a] ? b : a);
        correct += best == targets[i] ? 1 : 0;
        bytes += SmallModel.bytes(targets[i]);
      }
      windows++;
    }

    double mean(int from, int to) {
      return Arrays.stream(sums, from, to).sum() / windows / (to - from);
    }

    double accuracy() {
      return (double) correct / windows / sums.length;
    }
  }
}
