package io.shardfire.worker.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.ops.WeightFormat;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ConfigurationFile;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.architecture.ModelConfiguration.NormKind;
import io.shardfire.worker.architecture.ModelConfiguration.NormPlacement;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.architecture.ModelTokens;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.generate.Continuation.Finish;
import io.shardfire.worker.tokenizer.SpecialTokens;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Generation with an encoder-decoder, whose tokenizer has the characters from A on. */
class SourceGeneratorTest {
  private static final int CHARACTERS = 31;
  private static final int PADDING = CHARACTERS;
  private static final int END = CHARACTERS + 1;
  private static final int SOURCE = 20;
  private static final String LETTERS = "D_AHHMB^FABCDEFGHIJKLMNOP";
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(2, 3, 48, 9)
          .kind(Kind.ENCODER_DECODER)
          .sourceContext(SOURCE)
          .norm(NormKind.RMS, NormPlacement.PRE)
          .positions(PositionKind.RELATIVE)
          .scaledAttention(false)
          .biases(false)
          .sharedEmbeddings(true)
          .tiedEmbeddings(false)
          .vocabularySize(CHARACTERS + 2)
          .build();

  @TempDir static Path folder;
  private static ComputeContext compute;

  @BeforeAll
  static void writeModels() throws IOException {
    compute = ComputeContext.open(ComputeDevice.select("cpu"));
    write("pairs", MODEL, List.of("<pad>", "</s>"));
    write(
        "configured",
        MODEL,
        List.of("<pad>", "</s>"),
        ConfigurationFile.write(
            MODEL,
            new ModelTokens(
                OptionalInt.empty(), List.of(1, END), OptionalInt.of(PADDING), OptionalInt.of(2))));
    write("unpadded", MODEL, List.of("<|endoftext|>", "</s>"));
    write(
        "encoder",
        ModelConfiguration.decoder(1, 3, 48, 9).kind(Kind.ENCODER).vocabularySize(33).build(),
        List.of("<pad>", "</s>"));
  }

  private static void write(String name, ModelConfiguration model, List<String> added)
      throws IOException {
    write(name, model, added, ConfigurationFile.write(model, OptionalInt.empty()));
  }

  private static void write(
      String name, ModelConfiguration model, List<String> added, String configuration)
      throws IOException {
    Path target = Files.createDirectories(folder.resolve(name));
    Files.writeString(target.resolve("config.json"), configuration);
    Files.writeString(target.resolve("tokenizer.json"), TokenizerJson.characters(letters(), added));
    Map<String, double[]> weights = RandomWeights.of(model);
    SafetensorsFixture fixture = new SafetensorsFixture();
    for (UnitSpec unit : Architecture.units(model)) {
      for (TensorSpec tensor : unit.tensors()) {
        fixture.add(tensor.name(), tensor.shape(), weights.get(tensor.name()));
      }
    }
    fixture.write(target.resolve("model.safetensors"));
  }

  private static SortedSet<Integer> letters() {
    SortedSet<Integer> letters = new TreeSet<>();
    IntStream.range(0, CHARACTERS).forEach(i -> letters.add('A' + i));
    return letters;
  }

  /** The source ends as in training, and the decoder begins with padding. */
  @Test
  void shouldDecodeFromPaddingBesideTheEndedSource() {
    shouldDecode("pairs", PADDING, END);
  }

  @Test
  void shouldDecodeFromWhatTheConfigurationNames() {
    shouldDecode("configured", 2, 1);
  }

  private static void shouldDecode(String name, int start, int end) {
    List<Integer> expected = new ArrayList<>();
    Decoder decoder = Decoder.create(MODEL, 1, compute, WeightFormat.FP32, RandomWeights::read);
    decoder.encode(0, 3, 0, 7, end);
    int next = start;
    while (expected.size() < 9 && next != END && (expected.isEmpty() || next != end)) {
      decoder.step(new int[] {next});
      float[] logits = decoder.logits();
      int offset = decoder.logitsOffset(0);
      next =
          IntStream.range(0, MODEL.vocabularySize())
              .reduce(0, (a, b) -> logits[offset + b] > logits[offset + a] ? b : a);
      expected.add(next);
    }
    try (Generator generator = load(name, 1)) {
      assertFalse(generator.continues());
      Continuation text =
          generate(generator, GenerationOptions.of(9, Sampling.GREEDY), new Prompt("DAH", 1))
              .get(0);
      assertEquals(expected, text.tokens());
      assertEquals(4, text.promptTokens());
    }
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void shouldAnswerAPromptInABatchAsAlone(Strategy strategy) {
    Prompt[] prompts =
        IntStream.rangeClosed(0, SOURCE / 2)
            .mapToObj(i -> new Prompt(LETTERS.substring(i, 2 * i), i))
            .toArray(Prompt[]::new);
    GenerationOptions options =
        new GenerationOptions(14, 2, List.of("BA"), SpecialTokens.TEXT, strategy);
    List<Continuation> alone = new ArrayList<>();
    try (Generator generator = load("pairs", options.slots(1, 2))) {
      for (Prompt prompt : prompts) {
        alone.addAll(generate(generator, options, prompt));
      }
    }
    try (Generator generator = load("pairs", options.slots(prompts.length, 3))) {
      List<Continuation> together = generate(generator, options, prompts);
      assertEquals(
          alone.stream().map(SourceGeneratorTest::content).toList(),
          together.stream().map(SourceGeneratorTest::content).toList());
    }
    assertTrue(alone.stream().map(Continuation::tokens).distinct().count() > 5);
  }

  static Stream<Strategy> strategies() {
    return Stream.of(Sampling.GREEDY, new Sampling(1.5, 20, 0.95, 0, 1.1), new Beams(3, 1, 1));
  }

  private static List<Object> content(Continuation text) {
    return List.of(text.tokens(), text.text(), text.finish(), text.score(), text.promptTokens());
  }

  @Test
  void shouldEndATextWhereItsTargetEnds() {
    GenerationOptions options =
        new GenerationOptions(40, 20, List.of(), SpecialTokens.TEXT, new Sampling(4, 0, 1, 0, 1));
    try (Generator generator = load("pairs", 4)) {
      List<Continuation> texts = generate(generator, options, new Prompt("ABC", 1));
      assertTrue(texts.stream().anyMatch(text -> text.finish() == Finish.END_OF_TEXT));
      for (Continuation text : texts) {
        int end = text.tokens().indexOf(END);
        assertEquals(text.finish() == Finish.END_OF_TEXT ? text.tokens().size() - 1 : -1, end);
      }
    }
  }

  @Test
  void shouldSayWhatItUsesOfALongSource() {
    GenerationOptions options = GenerationOptions.of(5, Sampling.GREEDY);
    List<String> notices = new ArrayList<>();
    try (Generator generator = load("pairs", 1)) {
      Continuation cut = generate(generator, options, notices, new Prompt(LETTERS, 1)).get(0);
      assertEquals(
          List.of(
              "prompt 1 has 25 tokens, and with its end more than the model's source context of"
                  + " 20; only its first 19 are used"),
          notices);
      assertEquals(SOURCE, cut.promptTokens());
      notices.clear();
      Prompt beginning = new Prompt(LETTERS.substring(0, SOURCE - 1), 1);
      assertEquals(cut.tokens(), generate(generator, options, notices, beginning).get(0).tokens());
      assertEquals(List.of(), notices);
    }
  }

  @Test
  void shouldRefuseModelsThatWriteNoText() {
    IllegalArgumentException kind =
        assertThrows(IllegalArgumentException.class, () -> load("encoder", 1));
    assertTrue(
        kind.getMessage()
            .startsWith("An encoder alone writes no text; give a decoder or an encoder-decoder:"),
        kind.getMessage());
    DataException special = assertThrows(DataException.class, () -> load("unpadded", 1));
    assertTrue(special.getMessage().endsWith("token=<pad> or [PAD]"), special.getMessage());
  }

  private static Generator load(String name, int slots) {
    return Generator.load(
        new Configuration(false),
        new org.apache.hadoop.fs.Path(folder.resolve(name).toUri()),
        compute,
        slots);
  }

  private static List<Continuation> generate(
      Generator generator, GenerationOptions options, Prompt... prompts) {
    return generate(generator, options, new ArrayList<>(), prompts);
  }

  private static List<Continuation> generate(
      Generator generator, GenerationOptions options, List<String> notices, Prompt... prompts) {
    List<Continuation> texts = new ArrayList<>();
    generator.generate(
        Arrays.asList(prompts),
        options,
        new GenerationListener() {
          @Override
          public void text(int prompt, int sample, String piece) {}

          @Override
          public void finished(Continuation continuation) {
            texts.add(continuation);
          }

          @Override
          public void notice(String message) {
            notices.add(message);
          }
        });
    texts.sort(
        Comparator.comparingInt(Continuation::prompt).thenComparingInt(Continuation::sample));
    return texts;
  }
}
