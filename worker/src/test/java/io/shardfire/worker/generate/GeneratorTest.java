package io.shardfire.worker.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.checkpoint.ModelFolder;
import io.shardfire.sharding.layout.FlatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.model.CounterRandom;
import io.shardfire.worker.model.Gpt2Configuration;
import io.shardfire.worker.model.Gpt2ConfigurationFile;
import io.shardfire.worker.model.Gpt2Parameters;
import io.shardfire.worker.model.reference.DropoutFactors;
import io.shardfire.worker.model.reference.Gpt2Reference;
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
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratorTest {
  private static final Gpt2Configuration MODEL = new Gpt2Configuration(2, 3, 48, 9, 31, 0, 1e-5f);
  private static final String EMBEDDING = Gpt2Parameters.PREFIX + "wte.weight";
  private static final int[] PROMPT = {3, 30, 0, 7};

  @TempDir static Path folder;
  private static ComputeContext compute;
  private static Map<String, double[]> weights;

  @BeforeAll
  static void writeModel() throws IOException {
    compute = ComputeContext.open(ComputeDevice.select("cpu"));
    weights = new LinkedHashMap<>();
    ShardLayout layout = ShardLayout.of(Gpt2Parameters.units(MODEL), 1, 12);
    float[] values = new float[layout.base() + layout.length()];
    for (UnitSpec unit : layout.units()) {
      for (TensorSpec tensor : unit.tensors()) {
        FlatRange range = layout.tensor(tensor.name());
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
    write(folder.resolve("prefixed"), Gpt2Parameters.PREFIX, weights.get(EMBEDDING));
  }

  @Test
  void shouldDecodeTheLogitsOfAFullForwardPass() {
    int[] ids = {3, 30, 0, 7, 7, 12, 1, 29, 5};
    Gpt2Decoder decoder = Gpt2Decoder.create(MODEL, compute, GeneratorTest::readWeights);
    double[] expected =
        new Gpt2Reference(MODEL, 1, ids.length, DropoutFactors.NONE).logits(weights, ids);
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

    Gpt2Configuration larger = new Gpt2Configuration(3, 3, 48, 9, 31, 0, 1e-5f);
    Files.copy(folder.resolve("plain/model.safetensors"), empty.resolve("model.safetensors"));
    e = assertThrows(CheckpointException.class, () -> load("empty"));
    assertTrue(e.getMessage().endsWith("missing file=config.json"), e.getMessage());

    Files.copy(folder.resolve("plain/tokenizer.json"), empty.resolve("tokenizer.json"));
    Files.writeString(
        empty.resolve("config.json"), Gpt2ConfigurationFile.write(larger, OptionalInt.empty()));
    e = assertThrows(CheckpointException.class, () -> load("empty"));
    assertTrue(e.getMessage().contains("tensor=transformer.h.2."), e.getMessage());

    Files.writeString(
        empty.resolve("config.json"),
        Gpt2ConfigurationFile.write(MODEL.withVocabularySize(32), OptionalInt.empty()));
    e = assertThrows(CheckpointException.class, () -> load("empty"));
    assertTrue(e.getMessage().endsWith("shape=[31, 48], expected=[32, 48]"), e.getMessage());
  }

  @Test
  void shouldRefuseAnUnembeddingOfItsOwn() throws IOException {
    double[] other = weights.get(EMBEDDING).clone();
    other[5 * 48 + 7] = 3;
    write(folder.resolve("untied"), Gpt2Parameters.PREFIX, other);
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

  /** Greedy tokens by full forward passes, restarting from the newer half when full. */
  private static List<Integer> greedy(int count) {
    List<Integer> drawn = new ArrayList<>();
    List<Integer> window = new ArrayList<>(IntStream.of(PROMPT).boxed().toList());
    while (drawn.size() < count) {
      if (window.size() > MODEL.context()) {
        window = new ArrayList<>(window.subList(window.size() - 4, window.size()));
      }
      int[] ids = window.stream().mapToInt(Integer::intValue).toArray();
      double[] logits =
          new Gpt2Reference(MODEL, 1, ids.length, DropoutFactors.NONE).logits(weights, ids);
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

  private static void readWeights(ShardLayout layout, float[] parameters) {
    try (ModelFolder plain = ModelFolder.open(new Configuration(false), path("plain"))) {
      new ModelWeights(plain, "plain").read(layout, parameters);
    }
  }

  private static org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path(folder.resolve(name).toUri());
  }

  private static void write(Path target, String prefix, double[] unembedding) throws IOException {
    Files.createDirectories(target);
    Files.writeString(
        target.resolve("config.json"), Gpt2ConfigurationFile.write(MODEL, OptionalInt.empty()));
    TreeSet<Integer> characters = new TreeSet<>();
    IntStream.range(0, MODEL.vocabularySize()).forEach(i -> characters.add('A' + i));
    Files.writeString(
        target.resolve("tokenizer.json"), TokenizerJson.characters(characters, false));
    SafetensorsFixture fixture = new SafetensorsFixture();
    for (UnitSpec unit : Gpt2Parameters.units(MODEL)) {
      for (TensorSpec tensor : unit.tensors()) {
        fixture.add(
            prefix + Gpt2Parameters.shortName(tensor.name()),
            tensor.shape(),
            weights.get(tensor.name()));
      }
    }
    // What older exports carry besides: the causal mask and the tied unembedding.
    fixture.add(prefix + "h.0.attn.bias", List.of(1, 1, 2, 2), new double[4]);
    fixture.add(
        "lm_head.weight", List.of(MODEL.vocabularySize(), unembedding.length / 31), unembedding);
    fixture.write(target.resolve("model.safetensors"));
  }
}
