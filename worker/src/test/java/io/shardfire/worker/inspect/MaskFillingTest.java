package io.shardfire.worker.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.ops.WeightFormat;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.inspect.MaskFilling.Gap;
import io.shardfire.worker.inspect.MaskFilling.Guess;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.reference.DropoutFactors;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.tokenizer.AddedTokens;
import io.shardfire.worker.tokenizer.ByteLevel;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MaskFillingTest {
  private static final int LETTERS = 26;

  /** Of [CLS] b [MASK] d d [MASK] [SEP]; the special tokens come behind the letters. */
  private static final int[] IDS = {28, 1, 30, 3, 3, 30, 29};

  @TempDir static Path folder;
  private static ComputeContext compute;

  @BeforeAll
  static void open() {
    compute = ComputeContext.open(ComputeDevice.select("cpu"));
  }

  @ParameterizedTest
  @EnumSource(
      value = PositionKind.class,
      names = {"ROPE", "ALIBI", "RELATIVE", "SINUSOIDAL"})
  void shouldGuessAsTheReferenceDoes(PositionKind positions) throws IOException {
    shouldAgree(SmallModel.composition(positions, 0).with().kind(Kind.ENCODER).build());
  }

  @Test
  void shouldGuessAsTheReferenceDoesForAModelThatTellsSentencesApart() throws IOException {
    shouldAgree(
        ModelConfiguration.decoder(2, 3, 48, 9)
            .kind(Kind.ENCODER)
            .vocabularySize(SmallModel.VOCABULARY)
            .segments(2)
            .sentenceHead(true)
            .build());
  }

  private static void shouldAgree(ModelConfiguration model) throws IOException {
    SmallModel small = SmallModel.random(model);

    List<Gap> gaps = fill(small, bert(), "b[MASK]dd[MASK]", SmallModel.VOCABULARY).gaps();

    assertEquals(List.of(2, 5), gaps.stream().map(Gap::place).toList());
    double[] logits = logits(small);
    for (Gap gap : gaps) {
      int from = gap.place() * SmallModel.VOCABULARY;
      double[] expected =
          Arrays.stream(logits, from, from + SmallModel.VOCABULARY).map(StrictMath::exp).toArray();
      double sum = Arrays.stream(expected).sum();
      double before = 1;
      assertEquals(SmallModel.VOCABULARY, gap.guesses().stream().map(Guess::id).distinct().count());
      for (Guess guess : gap.guesses()) {
        assertEquals(expected[guess.id()] / sum, guess.probability(), 1e-5, guess::toString);
        assertEquals(before, Math.max(before, guess.probability()), "not in order");
        before = guess.probability();
      }
    }
  }

  private static double[] logits(SmallModel small) {
    PlannedPass pass = PlannedPass.of(small.model(), WeightFormat.FP32, 1, IDS.length);
    Reference reference =
        new Reference(
            Pass.evaluation(1, IDS.length),
            pass.modules().published(),
            small.doubles(),
            DropoutFactors.NONE);
    if (pass.batch().segments() != null) {
      reference.give(pass.batch().segments(), new int[IDS.length]);
    }
    return pass.modules().reference(reference, IDS).values();
  }

  @Test
  void shouldTakeTheFirstOfEquals() throws IOException {
    SmallModel ignorant =
        SmallModel.filled(encoder(), tensor -> new float[(int) tensor.elements()]);

    List<Guess> guesses = fill(ignorant, bert(), "a[MASK]", 2).gaps().get(0).guesses();

    assertEquals(List.of(0, 1), guesses.stream().map(Guess::id).toList());
    assertEquals(1.0 / SmallModel.VOCABULARY, guesses.get(0).probability(), 1e-9);
  }

  @Test
  void shouldHideTheBlankWithTheWordThatHoldsIt() throws IOException {
    SmallModel small = SmallModel.random(encoder());
    try (OpenModel model = small.open(folder.resolve("bytes"), bytePairs())) {
      MaskedText text = MaskedText.of(model, "a [MASK]");
      assertEquals(List.of(2), text.masks());
      assertEquals(4, text.ids().size());
    }
    try (OpenModel model = small.open(folder.resolve("letters"), letters(' '))) {
      assertEquals(List.of(3), MaskedText.of(model, "a [MASK]").masks());
    }
  }

  @Test
  void shouldRefuseADecoder() {
    SmallModel decoder = SmallModel.random(SmallModel.composition(PositionKind.ROPE, 0));
    assertRefused(
        "Hidden tokens are what an encoder predicts; name one, or continue a text with generate:"
            + " model=small, kind=DECODER",
        decoder,
        bert(),
        "a[MASK]",
        1);
  }

  @Test
  void shouldRefuseATokenizerWithoutMask() {
    assertRefused(
        "The model's tokenizer has no token that hides another; prepare and train with"
            + " --added-tokens bert: model=small, token=[MASK] or <mask>",
        SmallModel.random(encoder()),
        SmallModel.tokenizer(),
        "a[MASK]",
        1);
  }

  @Test
  void shouldRefuseATextThatHidesNothing() {
    assertRefused(
        "Nothing is hidden in the text; write [MASK] in a token's place: text=abc",
        SmallModel.random(encoder()),
        bert(),
        "abc",
        1);
  }

  @Test
  void shouldRefuseMoreThanTheContext() {
    assertRefused(
        "The text with a token before and behind it is longer than the model's context; shorten"
            + " it: model=small, tokens=10, context=9",
        SmallModel.random(encoder()),
        bert(),
        "abcdefg[MASK]",
        1);
  }

  @Test
  void shouldRefuseMoreGuessesThanTokens() {
    assertRefused(
        "A mask has guesses from 1 to the size of the vocabulary: top=32, vocabularySize=31",
        SmallModel.random(encoder()),
        bert(),
        "a[MASK]",
        32);
  }

  private static void assertRefused(
      String message, SmallModel small, String tokenizer, String text, int top) {
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> fill(small, tokenizer, text, top));
    assertEquals(message, thrown.getMessage());
  }

  private static MaskFilling fill(SmallModel small, String tokenizer, String text, int top)
      throws IOException {
    try (OpenModel model = small.open(folder.resolve("model"), tokenizer)) {
      return MaskFilling.of(compute, model, MaskedText.of(model, text), top);
    }
  }

  private static ModelConfiguration encoder() {
    return SmallModel.composition(PositionKind.ROPE, 0).with().kind(Kind.ENCODER).build();
  }

  private static String bert() {
    return letters('z');
  }

  /** The letters up to y, and one more. */
  private static String letters(int last) {
    TreeSet<Integer> characters = new TreeSet<>();
    IntStream.range(0, LETTERS - 1).forEach(i -> characters.add('a' + i));
    characters.add(last);
    return TokenizerJson.characters(characters, AddedTokens.BERT.tokens());
  }

  private static String bytePairs() {
    return TokenizerJson.byteLevelBpe(
        Stream.concat(ByteLevel.alphabet().stream(), Stream.of("\u0120a")).toList(),
        List.of(new TokenizerJson.Merge("\u0120", "a")),
        AddedTokens.BERT);
  }
}
