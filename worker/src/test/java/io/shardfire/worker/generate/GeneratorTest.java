package io.shardfire.worker.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.ops.Activation.Function;
import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.checkpoint.ModelFolder;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ConfigurationFile;
import io.shardfire.worker.architecture.Family;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.NormKind;
import io.shardfire.worker.architecture.ModelConfiguration.NormPlacement;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.nn.LanguageModel;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.UnitArrays;
import io.shardfire.worker.random.CounterRandom;
import io.shardfire.worker.reference.DropoutFactors;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
      ModelConfiguration.gpt2(2, 3, 48, 9, 31, 0, 1e-5f);
  private static final String EMBEDDING = "transformer.wte.weight";
  private static final int[] PROMPT = {3, 30, 0, 7};

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
  void shouldDecodeTheLogitsOfAFullForwardPass() {
    int[] ids = {3, 30, 0, 7, 7, 12, 1, 29, 5};
    Decoder decoder = Decoder.create(MODEL, compute, GeneratorTest::readWeights);
    double[] expected = logits(ids);
    for (int position = 0; position < ids.length; position++) {
      decoder.predict(ids[position]);
      for (int id = 0; id < MODEL.vocabularySize(); id++) {
        assertEquals(
            expected[position * MODEL.vocabularySize() + id],
            decoder.array()[decoder.logitsOffset() + id],
            1e-5,
            "position=" + position + ", id=" + id);
      }
    }
    assertThrows(IllegalArgumentException.class, () -> decoder.predict(1));
  }

  /** Every kind of positions, with what else changes how a cache is read. */
  static Stream<ModelConfiguration> compositions() {
    return Arrays.stream(PositionKind.values())
        .flatMap(
            positions ->
                Stream.of(0, 4)
                    .map(
                        window ->
                            ModelConfiguration.decoder(2, 6, 60, 9)
                                .keyValueHeads(3)
                                .feedForwardWidth(44)
                                .vocabularySize(31)
                                .norm(NormKind.RMS, NormPlacement.PRE, 1e-5f)
                                .activation(Function.SILU)
                                .gated(true)
                                .positions(positions)
                                .ropeBase(100)
                                .window(window)
                                .biases(window > 0)
                                .tiedEmbeddings(false)
                                .build()));
  }

  @ParameterizedTest
  @MethodSource("compositions")
  void shouldDecodeEveryCompositionLikeTheReference(ModelConfiguration model) {
    int[] ids = {3, 30, 0, 7, 7, 12, 1, 29, 5};
    LanguageModel modules = Architecture.of(model, TokenBatch.of(1, ids.length));
    Map<String, double[]> parameters = new LinkedHashMap<>();
    Decoder decoder =
        Decoder.create(
            model,
            compute,
            (layout, units) -> {
              for (UnitSpec unit : layout.units()) {
                for (TensorSpec tensor : unit.tensors()) {
                  FloatRange range = UnitArrays.tensor(layout, units, tensor.name());
                  float[] array = range.array();
                  CounterRandom.fillNormal(
                      CounterRandom.mix(5, tensor.name()),
                      0.3,
                      array,
                      range.offset(),
                      range.length());
                  double[] values = new double[range.length()];
                  Arrays.setAll(values, i -> array[range.offset() + i]);
                  parameters.put(tensor.name(), values);
                }
              }
            });
    double[] expected =
        modules
            .reference(
                new Reference(
                    Pass.evaluation(1, ids.length),
                    modules.published(),
                    parameters,
                    DropoutFactors.NONE),
                ids)
            .values();
    double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    for (int position = 0; position < ids.length; position++) {
      decoder.predict(ids[position]);
      for (int id = 0; id < model.vocabularySize(); id++) {
        assertEquals(
            expected[position * model.vocabularySize() + id],
            decoder.array()[decoder.logitsOffset() + id],
            1e-5 * largest,
            "position=" + position + ", id=" + id);
      }
    }
  }

  @Test
  void shouldGenerateGreedilyLikeTheReference() {
    for (String name : List.of("plain", "prefixed")) {
      try (Generator generator = load(name)) {
        assertEquals(MODEL, generator.model());
        assertEquals(greedy(5), generate(generator, 5, new Sampling(0, 0, 1, 1)));
      }
    }
  }

  @Test
  void shouldGoOnBeyondTheContext() {
    try (Generator generator = load("plain")) {
      assertEquals(greedy(25), generate(generator, 25, new Sampling(0, 0, 1, 1)));
    }
  }

  @Test
  void shouldRepeatWithTheSeed() {
    try (Generator generator = load("plain")) {
      Sampling sampling = new Sampling(1.5, 20, 0.95, 4);
      List<Integer> first = generate(generator, 30, sampling);
      assertEquals(first, generate(generator, 30, sampling));
      assertTrue(!first.equals(generate(generator, 30, new Sampling(1.5, 20, 0.95, 5))));
    }
  }

  @Test
  void shouldNotStartADocumentWithoutEndOfText() {
    try (Generator generator = load("plain")) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> generator.generate(new int[0], 1, new Sampling(1, 0, 1, 1), id -> {}));
      assertTrue(e.getMessage().contains("prompt must not be empty"), e.getMessage());
    }
  }

  @Test
  void shouldNameWhatAFolderLacks() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    CheckpointException e = assertThrows(CheckpointException.class, () -> load("empty"));
    assertTrue(e.getMessage().contains("Not a model folder"), e.getMessage());

    ModelConfiguration larger = ModelConfiguration.gpt2(3, 3, 48, 9, 31, 0, 1e-5f);
    Files.copy(folder.resolve("plain/model.safetensors"), empty.resolve("model.safetensors"));
    e = assertThrows(CheckpointException.class, () -> load("empty"));
    assertTrue(e.getMessage().endsWith("missing file=config.json"), e.getMessage());

    Files.copy(folder.resolve("plain/tokenizer.json"), empty.resolve("tokenizer.json"));
    Files.writeString(
        empty.resolve("config.json"), ConfigurationFile.write(larger, OptionalInt.empty()));
    e = assertThrows(CheckpointException.class, () -> load("empty"));
    assertTrue(e.getMessage().contains("tensor=transformer.h.2."), e.getMessage());

    Files.writeString(
        empty.resolve("config.json"),
        ConfigurationFile.write(MODEL.withVocabularySize(32), OptionalInt.empty()));
    e = assertThrows(CheckpointException.class, () -> load("empty"));
    assertTrue(e.getMessage().endsWith("shape=[31, 48], expected=[32, 48]"), e.getMessage());
  }

  @Test
  void shouldRefuseAnUnembeddingOfItsOwn() throws IOException {
    double[] other = weights.get(EMBEDDING).clone();
    other[5 * 48 + 7] = 3;
    write(folder.resolve("untied"), "transformer.", other);
    CheckpointException e = assertThrows(CheckpointException.class, () -> load("untied"));
    assertEquals(
        "The unembedding differs from the embedding, though config.json ties the two"
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

  private static LanguageModel model() {
    return Architecture.of(MODEL, TokenBatch.of(1, 1));
  }

  /** Logits of all positions, in double precision. */
  private static double[] logits(int[] ids) {
    LanguageModel model = model();
    Reference reference =
        new Reference(
            Pass.evaluation(1, ids.length), model.published(), weights, DropoutFactors.NONE);
    return model.reference(reference, ids).values();
  }

  /** Greedy tokens by full forward passes, restarting from the newer half when full. */
  private static List<Integer> greedy(int count) {
    List<Integer> drawn = new ArrayList<>();
    List<Integer> window = new ArrayList<>(IntStream.of(PROMPT).boxed().toList());
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

  private static List<Integer> generate(Generator generator, int count, Sampling sampling) {
    List<Integer> ids = new ArrayList<>();
    generator.generate(PROMPT, count, sampling, ids::add);
    return ids;
  }

  private static Generator load(String name) {
    return Generator.load(new Configuration(false), path(name), compute);
  }

  private static void readWeights(ShardLayout layout, List<FloatRange> units) {
    try (ModelFolder plain = ModelFolder.open(new Configuration(false), path("plain"))) {
      new ModelWeights(plain, "plain").read(layout, units);
    }
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
