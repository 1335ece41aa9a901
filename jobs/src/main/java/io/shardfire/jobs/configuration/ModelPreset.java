package io.shardfire.jobs.configuration;

import io.shardfire.worker.architecture.ModelConfiguration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Well-known shapes for {@code model.preset}, and small ones for trying things out. Vocabularies
 * are those of the prepared corpus.
 */
enum ModelPreset {
  NANO(ModelConfiguration.gpt2(4, 4, 128, 64, 0, 0, 1e-5f)),
  LLAMA_NANO(ModelConfiguration.llama(4, 4, 2, 128, 0, 64, 10_000)),
  GPT2(ModelConfiguration.gpt2(12, 12, 768, 1024, 0, 0.1f, 1e-5f)),
  GPT2_MEDIUM(ModelConfiguration.gpt2(24, 16, 1024, 1024, 0, 0.1f, 1e-5f)),
  GPT2_LARGE(ModelConfiguration.gpt2(36, 20, 1280, 1024, 0, 0.1f, 1e-5f)),
  GPT2_XL(ModelConfiguration.gpt2(48, 25, 1600, 1024, 0, 0.1f, 1e-5f));

  private final ModelConfiguration shape;

  ModelPreset(ModelConfiguration shape) {
    this.shape = shape;
  }

  /** The name in files: {@code gpt2-medium}. */
  String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The shape, with the vocabulary left to the corpus. */
  ModelConfiguration shape() {
    return shape;
  }

  /** All names, in order of size. */
  static List<String> keys() {
    return Arrays.stream(values()).map(ModelPreset::key).toList();
  }

  /** The preset of a name. */
  static Optional<ModelPreset> of(String key) {
    return Arrays.stream(values()).filter(preset -> preset.key().equals(key)).findFirst();
  }
}
