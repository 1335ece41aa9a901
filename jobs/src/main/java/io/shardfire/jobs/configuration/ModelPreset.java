package io.shardfire.jobs.configuration;

import static io.shardfire.worker.architecture.ModelConfiguration.decoder;

import io.shardfire.worker.architecture.Family;
import io.shardfire.worker.architecture.ModelBuilder;
import io.shardfire.worker.architecture.ModelConfiguration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A well-known shape for {@code model.preset}, or a small one for trying things out.
 *
 * @param key the name in files: {@code gpt2-medium}
 * @param shape with the vocabulary left to the corpus
 */
public record ModelPreset(String key, ModelConfiguration shape) {
  private static final float DROPOUT = 0.1f;

  private static final List<ModelPreset> ALL =
      List.of(
          of("nano", Family.GPT2, decoder(4, 4, 128, 64)),
          of("llama-nano", Family.LLAMA, decoder(4, 4, 128, 64), model -> model.keyValueHeads(2)),
          of(
              "modern-nano",
              Family.LLAMA,
              decoder(4, 4, 192, 128).feedForwardWidth(512),
              model -> model.keyValueHeads(2).tiedEmbeddings(true)),
          of("bert-nano", Family.BERT, decoder(4, 4, 128, 64)),
          of("t5-nano", Family.T5, decoder(3, 4, 128, 64)),
          of("transformer-nano", Family.MARIAN, decoder(3, 4, 128, 64)),
          of("rnn-nano", Family.RNN, decoder(2, 1, 256, 64)),
          of("lstm-nano", Family.LSTM, decoder(2, 1, 184, 64)),
          of("gru-nano", Family.GRU, decoder(2, 1, 200, 64)),
          of("t5-small", Family.T5, t5(6, 8, 512)),
          of("transformer-base", Family.MARIAN, decoder(6, 8, 512, 512).dropout(DROPOUT)),
          of("bert-base", Family.BERT, bert(12, 12, 768)),
          of("gpt2", Family.GPT2, decoder(12, 12, 768, 1024).dropout(DROPOUT)),
          of("t5-base", Family.T5, t5(12, 12, 768)),
          of("bert-large", Family.BERT, bert(24, 16, 1024)),
          of("gpt2-medium", Family.GPT2, decoder(24, 16, 1024, 1024).dropout(DROPOUT)),
          of("gpt2-large", Family.GPT2, decoder(36, 20, 1280, 1024).dropout(DROPOUT)),
          of(
              "llama-1.1b",
              Family.LLAMA,
              decoder(22, 32, 2048, 2048).feedForwardWidth(5632),
              model -> model.keyValueHeads(4)),
          of("gpt2-xl", Family.GPT2, decoder(48, 25, 1600, 1024).dropout(DROPOUT)),
          of("llama-7b", Family.LLAMA, decoder(32, 32, 4096, 4096).feedForwardWidth(11_008)));

  private static ModelBuilder bert(int layers, int heads, int width) {
    return decoder(layers, heads, width, 512).dropout(DROPOUT).normEpsilon(1e-12f);
  }

  private static ModelBuilder t5(int layers, int heads, int width) {
    return decoder(layers, heads, width, 512).dropout(DROPOUT).normEpsilon(1e-6f);
  }

  private static ModelPreset of(String key, Family family, ModelBuilder sizes) {
    return of(key, family, sizes, UnaryOperator.identity());
  }

  /** What a family leaves open comes last. */
  private static ModelPreset of(
      String key, Family family, ModelBuilder sizes, UnaryOperator<ModelBuilder> open) {
    return new ModelPreset(key, open.apply(family.form(sizes)).build());
  }

  /** Of a configuration that names none. */
  static ModelPreset standard() {
    return ALL.get(0);
  }

  /** All names, in order of size. */
  public static List<String> keys() {
    return ALL.stream().map(ModelPreset::key).toList();
  }

  /** The preset of a name. */
  public static Optional<ModelPreset> of(String key) {
    return ALL.stream().filter(preset -> preset.key().equals(key)).findFirst();
  }
}
