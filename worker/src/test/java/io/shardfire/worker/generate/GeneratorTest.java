package io.shardfire.worker.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ConfigurationFile;
import io.shardfire.worker.architecture.Family;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.generate.Continuation.Finish;
import io.shardfire.worker.nn.LanguageModel;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.UnitArrays;
import io.shardfire.worker.random.CounterRandom;
import io.shardfire.worker.reference.DropoutFactors;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.tokenizer.SpecialTokens;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GeneratorTest {
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(2, 3, 48, 9).vocabularySize(31).build();
  private static final String EMBEDDING = "transformer.wte.weight";
  private static final String PROMPT = "D_AH";
  private static final List<Integer> PROMPT_IDS = List.of(3, 30, 0, 7);

  @TempDir static Path folder;
  private static ComputeContext compute;
  private static Map<String, double[]> weights;

  @BeforeAll
  static void writeModel() throws IOException {
    compute = ComputeContext.open(ComputeDevice.select("cpu"));
    weights = new LinkedHashMap<>();
    ShardLayout layout = ShardLayout.of(Architecture.units(MODEL), 1);
    List<FloatRange> units = UnitArrays.of(layout);
    for (UnitSpec unit : layout.units()) {
      for (TensorSpec tensor : unit.tensors()) {
        FloatRange range = UnitArrays.tensor(layout, units, tensor.name());
        float[] values = range.array();
        CounterRandom.fillNormal(
            CounterRandom.mix(23, tensor.name()), 0.15, values, range.offset(), range.length());
        double[] doubles = new double[range.length()];
        for (int i = 0; i < doubles.length; i++) {
          doubles[i] = values[range.offset() + i];
        }
        weights.put(tensor.name(), doubles);
      }
    }
    write(folder.resolve("plain"), "", weights.get(EMBEDDING));
    write(folder.resolve("prefixed"), "transformer.", weights.get(EMBEDDING));
  }

  @Test
  void shouldGenerateGreedilyLikeTheReference() {
    for (String name : List.of("plain", "prefixed")) {
      try (Generator generator = load(name)) {
        assertEquals(greedy(5), generate(generator, 5, Sampling.GREEDY).tokens());
      }
    }
  }

  @Test
  void shouldGoOnBeyondTheContext() {
    try (Generator generator = load("plain")) {
      assertEquals(greedy(25), generate(generator, 25, Sampling.GREEDY).tokens());
    }
  }

  @Test
  void shouldRepeatWithTheSeed() {
    try (Generator generator = load("plain", 2)) {
      Sampling sampling = new Sampling(1.5, 20, 0.95, 0.01, 1.1);
      GenerationOptions options =
          new GenerationOptions(30, 2, List.of(), SpecialTokens.TEXT, sampling);
      List<Continuation> first = generate(generator, options, new Prompt(PROMPT, 4));
      assertEquals(first, generate(generator, options, new Prompt(PROMPT, 4)));
      assertNotEquals(
          first.get(0).tokens(),
          generate(generator, options, new Prompt(PROMPT, 6)).get(0).tokens());
      // Seeds of samples follow on.
      assertNotEquals(first.get(0).tokens(), first.get(1).tokens());
      assertEquals(
          first.get(1).tokens(),
          generate(generator, options, new Prompt(PROMPT, 5)).get(0).tokens());
      assertEquals(5, first.get(1).seed());
    }
  }

  /** Prompts of all lengths share three slots, so that each is given away again and again. */
  @ParameterizedTest
  @MethodSource("strategies")
  void shouldContinueAPromptInABatchAsAlone(Strategy strategy) {
    List<Prompt> prompts = new ArrayList<>();
    for (int length = 1; length < 24; length += 3) {
      prompts.add(new Prompt("D_AHHMB^FABCDEFGHIJKLMNOP".substring(0, length), length));
    }
    GenerationOptions options =
        new GenerationOptions(17, 2, List.of("BA", "_"), SpecialTokens.TEXT, strategy);
    List<Continuation> alone = new ArrayList<>();
    try (Generator generator = load("plain", 2)) {
      for (Prompt prompt : prompts) {
        alone.addAll(generate(generator, options, prompt));
      }
    }
    try (Generator generator = load("plain", options.slots(prompts.size(), 3))) {
      List<Continuation> together = generate(generator, options, prompts.toArray(Prompt[]::new));
      assertEquals(prompts.size() * 2, together.size());
      for (int i = 0; i < together.size(); i++) {
        assertEquals(alone.get(i).tokens(), together.get(i).tokens());
        assertEquals(alone.get(i).text(), together.get(i).text());
        assertEquals(alone.get(i).finish(), together.get(i).finish());
        assertEquals(alone.get(i).score(), together.get(i).score());
      }
    }
  }

  static Stream<Strategy> strategies() {
    return Stream.of(Sampling.GREEDY, new Sampling(1.5, 20, 0.95, 0.01, 1.1), new Beams(2, 1, 1.2));
  }

  @Test
  void shouldCutTheTextBeforeAStopString() {
    try (Generator generator = load("plain", 1)) {
      String whole = generate(generator, 25, Sampling.GREEDY).text();
      String stop = whole.substring(3, 6);
      GenerationOptions options =
          new GenerationOptions(25, 1, List.of(stop), SpecialTokens.TEXT, Sampling.GREEDY);
      Continuation cut = generate(generator, options, new Prompt(PROMPT, 1)).get(0);
      int at = whole.indexOf(stop);
      assertEquals(whole.substring(0, at), cut.text());
      assertEquals(at + 3, cut.tokens().size());
      assertEquals(Finish.STOP, cut.finish());
    }
  }

  @Test
  void shouldSayWhatItUsesOfALongPrompt() {
    List<String> notices = new ArrayList<>();
    try (Generator generator = load("plain", 1)) {
      Recorder recorder = new Recorder(notices);
      generator.generate(
          List.of(new Prompt("ABCDEFGHIJKLMNOPQRST", 1)),
          GenerationOptions.of(2, Sampling.GREEDY),
          recorder);
      assertEquals(
          List.of(
              "prompt 1 has 20 tokens, more than the model's context of 9; only its last 7 are"
                  + " used"),
          notices);
      assertEquals(7, recorder.continuations.get(0).promptTokens());
      notices.clear();
      Recorder shorter = new Recorder(notices);
      generator.generate(
          List.of(new Prompt("NOPQRST", 1)), GenerationOptions.of(2, Sampling.GREEDY), shorter);
      assertEquals(List.of(), notices);
      assertEquals(shorter.continuations.get(0).tokens(), recorder.continuations.get(0).tokens());
    }
  }

  @Test
  void shouldNotStartADocumentWithoutEndOfText() {
    try (Generator generator = load("plain", 1)) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  generate(generator, GenerationOptions.of(1, Sampling.GREEDY), new Prompt("", 1)));
      assertTrue(e.getMessage().contains("prompt must not be empty"), e.getMessage());
    }
  }

  @Test
  void shouldCheckOptions() {
    assertEquals(
        "A beam search gives at most as many continuations as it has beams: samples=3, beams=2",
        refused(5, 3, List.of(), new Beams(2, 1, 1)));
    assertEquals(
        "A stop string must have characters: stop=''",
        refused(5, 1, List.of("a", ""), Sampling.GREEDY));
    assertEquals(
        "At least one token and one sample must be asked for: maxTokens=0, samples=1",
        refused(0, 1, List.of(), Sampling.GREEDY));
  }

  private static String refused(int tokens, int samples, List<String> stops, Strategy strategy) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> new GenerationOptions(tokens, samples, stops, SpecialTokens.TEXT, strategy))
        .getMessage();
  }

  @Test
  void shouldNameWhatAFolderLacks() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    CheckpointException e = assertThrows(CheckpointException.class, () -> load("empty"));
    assertTrue(e.getMessage().contains("Not a model folder"), e.getMessage());

    ModelConfiguration larger = ModelConfiguration.decoder(3, 3, 48, 9).vocabularySize(31).build();
    Files.copy(folder.resolve("plain/model.safetensors"), empty.resolve("model.safetensors"));
    e = assertThrows(CheckpointException.class, () -> load("empty"));
    assertTrue(e.getMessage().endsWith("missing file=config.json"), e.getMessage());

    Files.copy(folder.resolve("plain/tokenizer.json"), empty.resolve("tokenizer.json"));
    Files.writeString(
        empty.resolve("config.json"), ConfigurationFile.write(larger, OptionalInt.empty()));
    e = assertThrows(CheckpointException.class, () -> load("empty"));
    assertTrue(e.getMessage().contains("missing=[transformer.h.2."), e.getMessage());

    Files.writeString(
        empty.resolve("config.json"),
        ConfigurationFile.write(MODEL.withVocabularySize(32), OptionalInt.empty()));
    e = assertThrows(CheckpointException.class, () -> load("empty"));
    assertTrue(e.getMessage().endsWith("shape=[31, 48], expected=[32, 48]"), e.getMessage());
  }

  @Test
  void shouldListTensorsThatTheModelLacks() throws IOException {
    write(folder.resolve("deeper"), "transformer.", weights.get(EMBEDDING));
    Files.writeString(
        folder.resolve("deeper/config.json"),
        ConfigurationFile.write(
            ModelConfiguration.decoder(1, 3, 48, 9).vocabularySize(31).build(),
            OptionalInt.empty()));
    CheckpointException e = assertThrows(CheckpointException.class, () -> load("deeper"));
    assertTrue(
        e.getMessage()
            .contains("missing=[], unexpected=[transformer.h.1.attn.c_attn.bias, transformer.h.1."),
        e.getMessage());
  }

  @Test
  void shouldRefuseAnUnembeddingOfItsOwn() throws IOException {
    double[] other = weights.get(EMBEDDING).clone();
    other[5 * 48 + 7] = 3;
    write(folder.resolve("untied"), "transformer.", other);
    CheckpointException e = assertThrows(CheckpointException.class, () -> load("untied"));
    assertEquals(
        "A table differs from that of the tokens, though config.json ties the two"
            + " (tie_word_embeddings is not false); export the model again, or remove the one that"
            + " is wrong: folder=%s, tensors=lm_head.weight and transformer.wte.weight, row=5,"
                .formatted(path("untied"))
            + " column=7, values=3.0 and "
            + (float) weights.get(EMBEDDING)[5 * 48 + 7],
        e.getMessage());

    write(folder.resolve("narrow"), "", Arrays.copyOf(other, 31 * 2));
    e = assertThrows(CheckpointException.class, () -> load("narrow"));
    assertTrue(
        e.getMessage().endsWith("tensor=lm_head.weight, shape=[31, 2], expected=[31, 48]"),
        e.getMessage());

    Path config = folder.resolve("untied/config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replace("\"tie_word_embeddings\" : true", "\"tie_word_embeddings\" : false"));
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> load("untied"));
    assertTrue(
        refused.getMessage().endsWith("tie_word_embeddings=false, supported=true"),
        refused.getMessage());
  }

  /** Logits of all positions, in double precision. */
  private static double[] logits(int[] ids) {
    LanguageModel model = Architecture.of(MODEL, TokenBatch.of(1, ids.length));
    Reference reference =
        new Reference(
            Pass.evaluation(1, ids.length), model.published(), weights, DropoutFactors.NONE);
    return model.reference(reference, ids).values();
  }

  /** Greedy tokens by full forward passes, restarting from the newer half when full. */
  private static List<Integer> greedy(int count) {
    List<Integer> drawn = new ArrayList<>();
    List<Integer> window = new ArrayList<>(PROMPT_IDS);
    while (drawn.size() < count) {
      if (window.size() > MODEL.context()) {
        window = new ArrayList<>(window.subList(window.size() - 4, window.size()));
      }
      int[] ids = window.stream().mapToInt(Integer::intValue).toArray();
      double[] logits = logits(ids);
      int last = logits.length - MODEL.vocabularySize();
      int best =
          IntStream.range(0, MODEL.vocabularySize())
              .reduce(0, (a, b) -> logits[last + b] > logits[last + a] ? b : a);
      drawn.add(best);
      window.add(best);
    }
    return drawn;
  }

  private static Continuation generate(Generator generator, int count, Strategy strategy) {
    return generate(generator, GenerationOptions.of(count, strategy), new Prompt(PROMPT, 1)).get(0);
  }

  private static List<Continuation> generate(
      Generator generator, GenerationOptions options, Prompt... prompts) {
    Recorder recorder = new Recorder(new ArrayList<>());
    generator.generate(List.of(prompts), options, recorder);
    recorder.continuations.sort(
        Comparator.comparingInt(Continuation::prompt).thenComparingInt(Continuation::sample));
    for (Continuation continuation : recorder.continuations) {
      String streamed =
          recorder.streamed.getOrDefault(List.of(continuation.prompt(), continuation.sample()), "");
      assertEquals(streamed, continuation.text());
    }
    return recorder.continuations;
  }

  private static final class Recorder implements GenerationListener {
    final List<Continuation> continuations = new ArrayList<>();
    final Map<List<Integer>, String> streamed = new LinkedHashMap<>();
    final List<String> notices;

    Recorder(List<String> notices) {
      this.notices = notices;
    }

    @Override
    public void text(int prompt, int sample, String piece) {
      streamed.merge(List.of(prompt, sample), piece, String::concat);
    }

    @Override
    public void finished(Continuation continuation) {
      continuations.add(continuation);
    }

    @Override
    public void notice(String message) {
      notices.add(message);
    }
  }

  private static Generator load(String name) {
    return load(name, 1);
  }

  private static Generator load(String name, int slots) {
    return Generator.load(new Configuration(false), path(name), compute, slots);
  }

  private static org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path(folder.resolve(name).toUri());
  }

  private static void write(Path target, String prefix, double[] unembedding) throws IOException {
    Files.createDirectories(target);
    Files.writeString(
        target.resolve("config.json"), ConfigurationFile.write(MODEL, OptionalInt.empty()));
    TreeSet<Integer> characters = new TreeSet<>();
    IntStream.range(0, MODEL.vocabularySize()).forEach(i -> characters.add('A' + i));
    Files.writeString(
        target.resolve("tokenizer.json"), TokenizerJson.characters(characters, false));
    SafetensorsFixture fixture = new SafetensorsFixture();
    for (UnitSpec unit : Architecture.units(MODEL)) {
      for (TensorSpec tensor : unit.tensors()) {
        fixture.add(
            prefix + Family.shortName(tensor.name()), tensor.shape(), weights.get(tensor.name()));
      }
    }
    // What older exports carry besides: the causal mask and the tied unembedding.
    fixture.add(prefix + "h.0.attn.bias", List.of(1, 1, 2, 2), new double[4]);
    fixture.add(
        "lm_head.weight", List.of(MODEL.vocabularySize(), unembedding.length / 31), unembedding);
    fixture.write(target.resolve("model.safetensors"));
  }
}
