package io.shardfire.worker.inspect;

import io.shardfire.kernels.ops.Activation.Function;
import io.shardfire.sharding.checkpoint.SafetensorsWriter;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ConfigurationFile;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.NormKind;
import io.shardfire.worker.architecture.ModelConfiguration.NormPlacement;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.data.CorpusContent;
import io.shardfire.worker.data.TokenIndex;
import io.shardfire.worker.data.TokenShardWriter;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.random.CounterRandom;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;

/** Folders of a small model with weights of choice, and of a corpus in its vocabulary. */
record SmallModel(ModelConfiguration model, Map<String, float[]> weights) {
  static final int VOCABULARY = 31;

  /** Two-byte characters and others, so that bytes and tokens differ. */
  private static final int FIRST_CHARACTER = 0x70;

  /** Grouped heads, an odd context, a vocabulary that no vector fills. */
  static ModelConfiguration composition(PositionKind positions, int window) {
    return ModelConfiguration.decoder(2, 6, 60, 9)
        .keyValueHeads(3)
        .feedForwardWidth(44)
        .vocabularySize(VOCABULARY)
        .norm(NormKind.RMS, NormPlacement.PRE)
        .activation(Function.SILU)
        .gated(true)
        .positions(positions)
        .ropeBase(100)
        .relative(6, 12)
        .window(window)
        .biases(window > 0)
        .tiedEmbeddings(false)
        .build();
  }

  /** Random weights, large enough to tell tokens apart. */
  static SmallModel random(ModelConfiguration model) {
    return filled(
        model,
        tensor -> {
          float[] values = new float[(int) tensor.elements()];
          CounterRandom.fillNormal(
              CounterRandom.mix(23, tensor.name()), 0.3, values, 0, values.length);
          return values;
        });
  }

  static SmallModel filled(
      ModelConfiguration model, java.util.function.Function<TensorSpec, float[]> values) {
    Map<String, float[]> weights = new LinkedHashMap<>();
    for (TensorSpec tensor : tensors(model)) {
      weights.put(tensor.name(), values.apply(tensor));
    }
    return new SmallModel(model, weights);
  }

  private static List<TensorSpec> tensors(ModelConfiguration model) {
    return Architecture.units(model).stream().flatMap(unit -> unit.tensors().stream()).toList();
  }

  /** One character for each id. */
  static String tokenizer() {
    TreeSet<Integer> characters = new TreeSet<>();
    IntStream.range(0, VOCABULARY).forEach(i -> characters.add(FIRST_CHARACTER + i));
    return TokenizerJson.characters(characters, false);
  }

  /** Bytes of UTF-8 of an id. */
  static int bytes(int id) {
    return FIRST_CHARACTER + id < 0x80 ? 1 : 2;
  }

  /** The model for sequences of at least that many tokens. */
  ModelConfiguration longer(int context) {
    return model.with().context(Math.max(context, model.context())).build();
  }

  Map<String, double[]> doubles() {
    Map<String, double[]> doubles = new LinkedHashMap<>();
    weights.forEach(
        (name, values) ->
            doubles.put(
                name, IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray()));
    return doubles;
  }

  OpenModel open(Path folder) throws IOException {
    return open(folder, tokenizer());
  }

  OpenModel open(Path folder, String tokenizer) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve(ConfigurationFile.NAME),
        ConfigurationFile.write(model, OptionalInt.empty()));
    Files.writeString(folder.resolve(TokenIndex.TOKENIZER_FILE), tokenizer);
    try (OutputStream out = Files.newOutputStream(folder.resolve("model.safetensors"))) {
      SafetensorsWriter writer =
          SafetensorsWriter.create(
              out,
              tensors(model).stream()
                  .map(
                      tensor ->
                          new SafetensorsWriter.Tensor(
                              tensor.name(),
                              tensor.shape().stream().map(Integer::longValue).toList()))
                  .toList(),
              new TreeMap<>());
      for (float[] values : weights.values()) {
        writer.write(values, 0, values.length);
      }
      writer.finish();
    }
    return OpenModel.open(new Configuration(false), hadoop(folder), "small");
  }

  /** Writes a corpus whose validation split is these ids. */
  static void writeCorpus(Path folder, String tokenizer, int... validation) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve(TokenIndex.TOKENIZER_FILE), tokenizer);
    String hash = TokenizerJson.vocabularyHash(tokenizer);
    try (TokenShardWriter writer =
        TokenShardWriter.create(
            Files.newOutputStream(folder.resolve("validation.tokens")), VOCABULARY, hash)) {
      writer.document(validation, validation.length);
      TokenIndex.Shard shard =
          new TokenIndex.Shard(
              "validation.tokens", TokenSplit.VALIDATION, validation.length, 1, writer.bytes());
      new TokenIndex(
              TokenIndex.VERSION,
              "char",
              VOCABULARY,
              hash,
              "made up",
              CorpusContent.TEXT,
              List.of(shard))
          .write(new Configuration(false), hadoop(folder));
    }
  }

  static org.apache.hadoop.fs.Path hadoop(Path folder) {
    return new org.apache.hadoop.fs.Path(folder.toUri());
  }
}
