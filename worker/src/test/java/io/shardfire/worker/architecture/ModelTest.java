package io.shardfire.worker.architecture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.ops.Activation.Function;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.worker.architecture.ModelConfiguration.CellKind;
import io.shardfire.worker.architecture.ModelConfiguration.HeadKind;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.architecture.ModelConfiguration.NormKind;
import io.shardfire.worker.architecture.ModelConfiguration.NormPlacement;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.Stage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The recorded model against the double reference: error / max|gradient| of every tensor. */
class ModelTest {
  private static final List<Function> FUNCTIONS = List.of(Function.values());
  private static final List<HeadKind> HEADS = List.of(HeadKind.values());

  private static final double TOLERANCE = 1e-5;

  @Test
  void shouldMatchTheReferenceOnOddSizes() {
    assertMatches(ModelConfiguration.decoder(3, 3, 48, 37).vocabularySize(101).build(), 2, 37);
  }

  @Test
  void shouldMatchTheReferenceWithDropout() {
    assertMatches(
        ModelConfiguration.decoder(3, 3, 48, 37).vocabularySize(101).dropout(0.2f).build(), 2, 37);
  }

  @Test
  void shouldMatchTheReferenceBelowTheContext() {
    assertMatches(
        ModelConfiguration.decoder(2, 2, 64, 40).vocabularySize(64).dropout(0.1f).build(), 3, 19);
  }

  @Test
  void shouldMatchTheReferenceWhenNoVectorDividesTheHeads() {
    assertMatches(
        ModelConfiguration.decoder(2, 3, 39, 23).vocabularySize(53).dropout(0.1f).build(), 2, 23);
  }

  @Test
  void shouldMatchTheReferenceAtTheSmallestSizes() {
    assertMatches(ModelConfiguration.decoder(1, 1, 16, 3).vocabularySize(2).build(), 1, 1);
  }

  @Test
  void shouldMatchTheReferenceWhenLogitsAreComputedInParts() {
    ModelConfiguration model =
        ModelConfiguration.decoder(1, 2, 32, 16).vocabularySize(32_780).build();
    TestModel test = new TestModel(model, 129, 16);
    long products =
        test.training().operations().stream()
            .filter(operation -> operation.name().equals("head logits"))
            .count();
    assertTrue(products > 1, "parts=" + products);
    assertMatches(test);
  }

  /** Every kind of positions, norm and activation, with grouped heads, on odd sizes. */
  static Stream<Named<ModelConfiguration>> compositions() {
    ModelConfiguration llama =
        Family.LLAMA
            .form(ModelConfiguration.decoder(2, 4, 48, 21))
            .keyValueHeads(2)
            .vocabularySize(67)
            .build();
    List<Named<ModelConfiguration>> all = new ArrayList<>();
    all.add(Named.of("llama", llama));
    all.add(Named.of("llama, tied", llama.with().tiedEmbeddings(true).dropout(0.1f).build()));
    for (PositionKind positions : PositionKind.values()) {
      for (int window : new int[] {0, 7}) {
        all.add(
            Named.of(
                positions + " window=" + window,
                odd(positions)
                    .keyValueHeads(window == 0 ? 1 : 0)
                    .window(window)
                    .tiedEmbeddings(window == 0)
                    .build()));
      }
    }
    for (Function function : Function.values()) {
      for (boolean gated : new boolean[] {false, true}) {
        all.add(
            Named.of(
                function + " gated=" + gated,
                ModelConfiguration.decoder(1, 2, 26, 9)
                    .feedForwardWidth(37)
                    .vocabularySize(31)
                    .norm(NormKind.RMS, NormPlacement.PRE)
                    .normEpsilon(1e-6f)
                    .activation(function)
                    .gated(gated)
                    .positions(PositionKind.NONE)
                    .biases(gated)
                    .tiedEmbeddings(!gated)
                    .build()));
      }
    }
    for (CellKind cell : List.of(CellKind.RNN, CellKind.LSTM, CellKind.GRU)) {
      all.add(Named.of(cell + " one layer", recurrent(cell, 1).tiedEmbeddings(false).build()));
      all.add(Named.of(cell + " without biases", recurrent(cell, 2).biases(false).build()));
    }
    return all.stream();
  }

  private static ModelBuilder recurrent(CellKind cell, int layers) {
    return ModelConfiguration.decoder(layers, 1, 37, 23)
        .cell(cell)
        .positions(PositionKind.NONE)
        .vocabularySize(53)
        .dropout(0.1f);
  }

  /** A decoder in which nothing divides anything else. */
  private static ModelBuilder odd(PositionKind positions) {
    return ModelConfiguration.decoder(2, 6, 60, 23)
        .feedForwardWidth(44)
        .vocabularySize(53)
        .dropout(0.1f)
        .activation(Function.RELU)
        .positions(positions)
        .relative(8, 16)
        .ropeBase(100);
  }

  @ParameterizedTest
  @MethodSource("compositions")
  void shouldMatchTheReferenceInEveryComposition(ModelConfiguration model) {
    assertMatches(model, 2, model.context() - 2);
  }

  /** Every kind with every norm, its placement and positions, each with something else besides. */
  static Stream<Named<ModelConfiguration>> kinds() {
    List<Named<ModelConfiguration>> all = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      for (NormPlacement placement : NormPlacement.values()) {
        for (PositionKind positions : PositionKind.values()) {
          if (kind == Kind.DECODER || positions != PositionKind.NONE) {
            all.add(
                Named.of(
                    kind + " " + placement + " " + positions,
                    of(kind, placement, positions, all.size())));
          }
        }
      }
    }
    all.add(Named.of("RNN", recurrent(CellKind.RNN, 3).head(HeadKind.BIASED).build()));
    all.add(Named.of("LSTM", recurrent(CellKind.LSTM, 3).scaledEmbeddings(true).build()));
    all.add(
        Named.of(
            "GRU",
            recurrent(CellKind.GRU, 2).head(HeadKind.TRANSFORMED).embeddingNorm(true).build()));
    return all.stream();
  }

  private static ModelConfiguration of(
      Kind kind, NormPlacement placement, PositionKind positions, int number) {
    boolean even = number % 2 == 0;
    ModelBuilder model =
        odd(positions)
            .kind(kind)
            .norm(even ? NormKind.LAYER : NormKind.RMS, placement)
            .activation(FUNCTIONS.get(number % FUNCTIONS.size()))
            .gated(number % 3 == 1)
            .keyValueHeads(number % 3 == 0 ? 2 : 0)
            .headWidth(number % 4 == 0 ? 14 : 0)
            .window(number % 5 == 0 ? 6 : 0)
            .biases(number % 4 != 1)
            .tiedEmbeddings(even)
            .scaledAttention(number % 4 < 2)
            .scaledEmbeddings(number % 3 == 2)
            .embeddingNorm(number % 3 == 0)
            .head(
                even
                    ? HEADS.get(number / 2 % HEADS.size())
                    : number % 3 == 0 ? HeadKind.TRANSFORMED : HeadKind.PLAIN);
    if (kind == Kind.ENCODER) {
      model.segments(even ? 2 : 0).sentenceHead(number % 3 != 0);
    } else if (kind == Kind.ENCODER_DECODER) {
      model.encoderLayers(even ? 1 : 3).sourceContext(17).sharedEmbeddings(number % 3 != 0);
    }
    return model.build();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void shouldMatchTheReferenceInEveryKind(ModelConfiguration model) {
    BatchForm odd = oddForm(model);
    Pass pass = Pass.training(2, 19, 1f / 38);
    TestModel test = new TestModel(model, odd, pass);
    assertMatches(test);
    TestModel recomputed = new TestModel(model, odd, pass.withRecomputedBlocks(true));
    recomputed.tokens(1);
    recomputed.pass(false).run();
    Map<String, float[]> kept = test.gradients();
    recomputed
        .gradients()
        .forEach((name, values) -> assertArrayEquals(kept.get(name), values, name));
  }

  /** Sequences of 19 tokens, or of fewer in a short context, with everything that the kind has. */
  static BatchForm oddForm(ModelConfiguration model) {
    BatchForm form = Architecture.form(model, 2);
    return new BatchForm(
        2,
        Math.min(19, model.context() - 2),
        form.source(),
        true,
        model.kind() != Kind.DECODER || model.window() == 0,
        form.segments(),
        form.labelled());
  }

  @Test
  void shouldAccumulateGradients() {
    TestModel test =
        new TestModel(
            ModelConfiguration.decoder(2, 3, 48, 21).vocabularySize(101).build(),
            Pass.training(2, 21, 0.25f));
    test.tokens(1);
    test.pass(false).run();
    Map<String, float[]> first = test.gradients();
    test.tokens(2);
    test.pass(false).run();
    Map<String, float[]> second = test.gradients();
    test.tokens(1);
    test.pass(false).run();
    test.tokens(2);
    test.pass(true).run();
    Map<String, float[]> sum = test.gradients();
    for (String name : test.names()) {
      double largest = 0;
      double error = 0;
      for (int i = 0; i < sum.get(name).length; i++) {
        double expected = (double) first.get(name)[i] + second.get(name)[i];
        largest = Math.max(largest, Math.abs(expected));
        error = Math.max(error, Math.abs(expected - sum.get(name)[i]));
      }
      assertTrue(error <= TOLERANCE * largest, name + " error " + error + " of " + largest);
    }
  }

  @Test
  void shouldComputeTheSameBitsWhenCutIntoStages() {
    ModelConfiguration model =
        ModelConfiguration.decoder(2, 3, 48, 21).vocabularySize(101).dropout(0.1f).build();
    TestModel test = new TestModel(model, 2, 21);
    test.tokens(1);
    test.pass(false).run();
    Map<String, float[]> whole = test.gradients();
    test.clearGradients();
    List<Stage> stages = test.training().stages();
    List<CommandBuffer> buffers = test.recorder().stages(test.training(), false);
    assertEquals(2 * (model.layers() + 2), stages.size());
    List<Integer> finished = new ArrayList<>();
    for (int i = 0; i < stages.size(); i++) {
      buffers.get(i).run();
      for (int finishes : stages.get(i).finishes()) {
        finished.add(finishes);
        Map<String, float[]> now = test.gradients();
        for (TensorSpec tensor : test.layout().units().get(finishes).tensors()) {
          assertArrayEquals(whole.get(tensor.name()), now.get(tensor.name()), stages.get(i).name());
        }
      }
    }
    assertEquals(List.of(3, 2, 1, 0), finished);
  }

  @Test
  void shouldComputeTheSameBitsInLessMemoryWhenBlocksAreRecomputed() {
    ModelConfiguration model =
        ModelConfiguration.decoder(6, 3, 48, 21).vocabularySize(101).dropout(0.1f).build();
    Pass plain = Pass.training(2, 21, 0.25f);
    TestModel kept = new TestModel(model, plain);
    TestModel recomputed = new TestModel(model, plain.withRecomputedBlocks(true));
    for (TestModel test : List.of(kept, recomputed)) {
      test.tokens(1);
      test.pass(false).run();
    }
    assertArrayEquals(kept.losses(), recomputed.losses());
    Map<String, float[]> expected = kept.gradients();
    Map<String, float[]> actual = recomputed.gradients();
    kept.names().forEach(name -> assertArrayEquals(expected.get(name), actual.get(name), name));
    long all = kept.recorder().placement().pages().total();
    long some = recomputed.recorder().placement().pages().total();
    assertTrue(some < 0.4 * all, some + " of " + all);
  }

  @Test
  void shouldSayWhichUnitsAStageReads() {
    List<Stage> stages =
        new TestModel(ModelConfiguration.decoder(1, 2, 32, 5).vocabularySize(50).build(), 1, 5)
            .training()
            .stages();
    assertEquals(
        List.of(
            "embedding forward",
            "block-0 forward",
            "head forward",
            "head backward",
            "block-0 backward",
            "embedding backward"),
        stages.stream().map(Stage::name).toList());
    // The head's products read the embedding's table.
    assertEquals(List.of(0, 2), stages.get(3).reads());
    assertEquals(List.of(1), stages.get(1).reads());
  }

  @Test
  void shouldEvaluateWithoutDropoutAndWithoutTouchingGradients() {
    TestModel test =
        new TestModel(
            ModelConfiguration.decoder(2, 2, 32, 9).vocabularySize(50).dropout(0.5f).build(), 2, 9);
    test.tokens(1);
    test.evaluation().run();
    assertArrayEquals(test.expected(false).losses(), test.losses(), 1e-5);
    test.gradients()
        .forEach((name, values) -> assertArrayEquals(new float[values.length], values, name));
  }

  @Test
  void shouldRefuseMoreTimeThanContext() {
    ModelConfiguration model = ModelConfiguration.decoder(1, 1, 16, 4).vocabularySize(5).build();
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> new TestModel(model, 1, 5));
    assertTrue(e.getMessage().endsWith("time=5, context=4"), e.getMessage());
  }

  private static void assertMatches(ModelConfiguration model, int batch, int time) {
    assertMatches(new TestModel(model, batch, time));
  }

  private static void assertMatches(TestModel test) {
    test.tokens(1);
    test.pass(false).run();
    assertMatches(test, test.expected(true));
  }

  static void assertMatches(TestModel test, TestModel.Expected expected) {
    assertArrayEquals(expected.losses(), test.losses(), 2e-5);
    assertArrayEquals(expected.labelLosses(), test.labelLosses(), 5e-4);
    assertClose(expected.gradients(), test.gradients(), TOLERANCE);
    assertEquals(Set.copyOf(test.names()), expected.gradients().keySet());
  }

  /** Of every tensor, error / max|gradient|. */
  static void assertClose(
      Map<String, double[]> expected, Map<String, float[]> gradients, double tolerance) {
    Map<String, String> bad = new LinkedHashMap<>();
    for (Map.Entry<String, double[]> tensor : expected.entrySet()) {
      float[] actual = gradients.get(tensor.getKey());
      // A bias of keys adds the same to all scores of a query, so without rotary positions its
      // gradient is zero, and what rounding leaves is small beside that of the queries.
      double[] scale =
          expected.get(tensor.getKey().replace("ttention.keys.bias", "ttention.queries.bias"));
      double largest = Arrays.stream(scale).map(Math::abs).max().orElseThrow();
      double error = 0;
      for (int i = 0; i < actual.length; i++) {
        double value = tensor.getValue()[i];
        error = Math.max(error, Math.abs(value - actual[i]));
      }
      if (!(error <= tolerance * largest)) {
        bad.put(tensor.getKey(), error + " of " + largest);
      }
    }
    assertEquals(Map.of(), bad);
  }
}
