package io.shardfire.worker.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.worker.architecture.ModelBuilder;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.architecture.ModelConfiguration.NormKind;
import io.shardfire.worker.architecture.ModelConfiguration.NormPlacement;
import io.shardfire.worker.data.CorpusContent;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.data.DocumentTable;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.inspect.PairMatches.Fault;
import io.shardfire.worker.objective.ObjectiveCorpus;
import io.shardfire.worker.tokenizer.AddedTokens;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pairs of up to three letters and the same backwards. */
class PairEvaluationTest {
  private static final int PAIRS = 101;

  @TempDir static Path folder;
  private static ComputeContext compute;

  @BeforeAll
  static void writeCorpora() {
    compute = ComputeContext.open(ComputeDevice.select("cpu"));
    ObjectiveCorpus.write(
        folder.resolve("pairs"), AddedTokens.T5, CorpusContent.PAIRS, 0, PAIRS, 3);
    ObjectiveCorpus.write(folder.resolve("texts"), AddedTokens.T5, CorpusContent.TEXT, 0, 9, 3);
  }

  /** More pairs than grow side by side. What the model always writes is some pair's target. */
  @Test
  void shouldCountTheTargetsThatAreWrittenTokenForToken() throws IOException {
    try (TokenDataset data = open("pairs");
        OpenModel model = always(data, document(data, 1))) {
      List<Fault> faults = new ArrayList<>();
      String written = text(model, document(data, 1));
      for (int pair = 0; pair < PAIRS; pair++) {
        String target = text(model, document(data, 2 * pair + 1));
        if (!target.equals(written)) {
          faults.add(new Fault(text(model, document(data, 2 * pair)), target, written));
        }
      }

      assertEquals(new PairMatches(PAIRS, faults), evaluate(model, data, 0));

      PairMatches some = evaluate(model, data, 2);
      assertEquals(2, some.pairs());
      assertEquals(1, some.exact());
      assertEquals(0.5, some.share());
    }
  }

  /** The first letter of each target, and no end. */
  @Test
  void shouldCallWhatDoesNotEndAFault() throws IOException {
    try (TokenDataset data = open("pairs");
        OpenModel model = always(data, document(data, 1)[0])) {
      assertEquals(0, evaluate(model, data, 0).exact());
    }
  }

  @Test
  void shouldRefuseOtherModelsAndCorpora() throws IOException {
    try (TokenDataset pairs = open("pairs");
        TokenDataset texts = open("texts");
        OpenModel model = always(pairs, document(pairs, 1));
        OpenModel decoder =
            SmallModel.random(sizes(pairs).kind(Kind.DECODER).sourceContext(0).build())
                .open(folder.resolve("decoder"), pairs.tokenizerJson())) {
      assertEquals(
          "The split has no pairs; choose the other: split=train",
          assertThrows(
                  DataException.class,
                  () -> PairEvaluation.of(List.of(model), pairs, TokenSplit.TRAIN, 0))
              .getMessage());
      assertEquals(
          "The corpus holds no pairs of a source and a target, which an encoder-decoder is evaluated"
              + " on; prepare some with --documents pairs: content=text",
          assertThrows(
                  DataException.class,
                  () -> PairEvaluation.of(List.of(model), texts, TokenSplit.VALIDATION, 0))
              .getMessage());
      assertEquals(
          "Targets of pairs are written by encoder-decoders only; evaluate other models by"
              + " themselves: model=small, kind=DECODER",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> PairEvaluation.of(List.of(model, decoder), pairs, TokenSplit.VALIDATION, 0))
              .getMessage());
    }
  }

  /** Writes these tokens whatever it reads: each place asks for its own, and no block adds. */
  private static OpenModel always(TokenDataset data, int... tokens) throws IOException {
    ModelConfiguration model = sizes(data).build();
    return SmallModel.filled(model, tensor -> weights(tensor, model.width(), tokens))
        .open(folder.resolve("always"), data.tokenizerJson());
  }

  private static float[] weights(TensorSpec tensor, int width, int... tokens) {
    float[] values = new float[(int) tensor.elements()];
    if (tensor.shape().size() == 1) {
      Arrays.fill(values, 1);
    } else if (tensor.name().equals("embedding.tokens.weight")) {
      for (int id = 0; id < tensor.shape().get(0); id++) {
        values[id * width + id] = 1;
      }
    } else if (tensor.name().equals("embedding.positions.weight")) {
      for (int place = 0; place < tensor.shape().get(0); place++) {
        values[place * width + tokens[Math.min(place, tokens.length - 1)]] = 9;
      }
    }
    return values;
  }

  private static ModelBuilder sizes(TokenDataset data) {
    return ModelConfiguration.decoder(1, 1, data.vocabularySize() + 1, 7)
        .kind(Kind.ENCODER_DECODER)
        .sourceContext(5)
        .norm(NormKind.RMS, NormPlacement.PRE)
        .biases(false)
        .vocabularySize(data.vocabularySize());
  }

  private static PairMatches evaluate(OpenModel model, TokenDataset data, int most) {
    List<PairMatches> found = new ArrayList<>();
    PairEvaluation.of(List.of(model), data, TokenSplit.VALIDATION, most)
        .run(compute, (evaluated, matches) -> found.add(matches));
    return found.get(0);
  }

  private static TokenDataset open(String name) {
    return TokenDataset.open(new Configuration(false), SmallModel.hadoop(folder.resolve(name)));
  }

  private static int[] document(TokenDataset data, int number) {
    DocumentTable documents = data.documents(TokenSplit.VALIDATION);
    float[] ids = new float[(int) (documents.end(number) - documents.begin(number))];
    data.read(TokenSplit.VALIDATION, documents.begin(number), ids, 0, ids.length);
    int[] tokens = new int[ids.length];
    Arrays.setAll(tokens, i -> (int) ids[i]);
    return tokens;
  }

  /** Without the end. */
  private static String text(OpenModel model, int... document) {
    return model.tokenizer().decode(Arrays.copyOf(document, document.length - 1));
  }
}
