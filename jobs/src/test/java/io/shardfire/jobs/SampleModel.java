package io.shardfire.jobs;

import io.shardfire.sharding.checkpoint.SafetensorsWriter;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ConfigurationFile;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.data.CorpusContent;
import io.shardfire.worker.data.DocumentWriter;
import io.shardfire.worker.data.TokenIndex;
import io.shardfire.worker.data.TokenShardWriter;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.tokenizer.AddedTokens;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;

/**
 * A model of eleven letters, a to k, whose weights are all 0 but for its table of tokens, and a
 * corpus for it: what it does can be written down.
 */
final class SampleModel {
  static final int LETTERS = 11;

  /** Letters that a tokenizer of eleven tokens has besides five special ones. */
  static final int MASKED_LETTERS = 6;

  static final int CONTEXT = 8;

  private SampleModel() {}

  /** The table has a 1 in column {@code id % width} of each row. */
  static Path write(Path folder, ModelConfiguration model) throws IOException {
    return write(folder, model, tokenizer());
  }

  /** The same, with a tokenizer of eleven tokens. */
  static Path write(Path folder, ModelConfiguration model, String tokenizer) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve(ConfigurationFile.NAME),
        ConfigurationFile.write(model, OptionalInt.empty()));
    Files.writeString(folder.resolve(TokenIndex.TOKENIZER_FILE), tokenizer);
    List<TensorSpec> tensors =
        Architecture.units(model).stream().flatMap(unit -> unit.tensors().stream()).toList();
    try (OutputStream out = Files.newOutputStream(folder.resolve("model.safetensors"))) {
      SafetensorsWriter writer =
          SafetensorsWriter.create(
              out,
              tensors.stream()
                  .map(
                      tensor ->
                          new SafetensorsWriter.Tensor(
                              tensor.name(),
                              tensor.shape().stream().map(Integer::longValue).toList()))
                  .toList(),
              new TreeMap<>());
      for (TensorSpec tensor : tensors) {
        float[] values = new float[(int) tensor.elements()];
        if (tensor.equals(tensors.get(0))) {
          for (int id = 0; id < LETTERS; id++) {
            values[id * model.width() + id % model.width()] = 1;
          }
        }
        writer.write(values, 0, values.length);
      }
      writer.finish();
    }
    return folder;
  }

  /** GPT-2's form, one head. */
  static ModelConfiguration gpt2() {
    return ModelConfiguration.decoder(1, 1, 8, CONTEXT).vocabularySize(LETTERS).build();
  }

  /** Another form, two layers of two heads with linear biases. */
  static ModelConfiguration alibi() {
    return ModelConfiguration.decoder(2, 2, 16, CONTEXT)
        .vocabularySize(LETTERS)
        .positions(PositionKind.ALIBI)
        .build();
  }

  /** GPT-2's form, but that tokens see each other on both sides. */
  static ModelConfiguration encoder() {
    return gpt2().with().kind(Kind.ENCODER).build();
  }

  /** GPT-2's form beside an encoder. */
  static ModelConfiguration encoderDecoder() {
    return gpt2().with().kind(Kind.ENCODER_DECODER).build();
  }

  /** The letters a to i, and the special tokens of pairs. */
  static String pairTokenizer() {
    TreeSet<Integer> letters = new TreeSet<>();
    IntStream.range(0, LETTERS - 2).forEach(i -> letters.add('a' + i));
    return TokenizerJson.characters(letters, List.of("<pad>", "</s>"));
  }

  /** The letters a to f, and the special tokens of encoders. */
  static String maskingTokenizer() {
    TreeSet<Integer> letters = new TreeSet<>();
    IntStream.range(0, MASKED_LETTERS).forEach(i -> letters.add('a' + i));
    return TokenizerJson.characters(letters, AddedTokens.BERT.tokens());
  }

  static String tokenizer() {
    TreeSet<Integer> letters = new TreeSet<>();
    IntStream.range(0, LETTERS).forEach(i -> letters.add('a' + i));
    return TokenizerJson.characters(letters, false);
  }

  /** A validation split of the letters in order, again and again. */
  static Path writeCorpus(Path folder, int tokens) throws IOException {
    return writeCorpus(folder, tokenizer(), LETTERS, CorpusContent.TEXT, tokens);
  }

  /** The same for a tokenizer of eleven tokens, the first of which are letters. */
  static Path writeCorpus(
      Path folder, String tokenizer, int letters, CorpusContent content, int tokens)
      throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve(TokenIndex.TOKENIZER_FILE), tokenizer);
    String hash = TokenizerJson.vocabularyHash(tokenizer);
    int[] ids = IntStream.range(0, tokens).map(i -> i % letters).toArray();
    String file = "validation.tokens";
    try (TokenShardWriter writer =
            TokenShardWriter.create(Files.newOutputStream(folder.resolve(file)), LETTERS, hash);
        DocumentWriter ends =
            DocumentWriter.create(Files.newOutputStream(folder.resolve("validation.documents")))) {
      writer.document(ids, tokens);
      ends.document(tokens);
      new TokenIndex(
              TokenIndex.VERSION,
              "char",
              LETTERS,
              hash,
              "made up",
              content,
              List.of(new TokenIndex.Shard(file, TokenSplit.VALIDATION, tokens, 1, writer.bytes())))
          .write(new Configuration(false), new org.apache.hadoop.fs.Path(folder.toUri()));
    }
    return folder;
  }
}
