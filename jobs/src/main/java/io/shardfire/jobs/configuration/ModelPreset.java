package io.shardfire.jobs.configuration;

import io.shardfire.worker.architecture.ModelConfiguration;
import java.util.List;
import java.util.Optional;

/**
 * A well-known shape for {@code model.preset}, or a small one for trying things out.
 *
 * @param key the name in files: {@code gpt2-medium}
 * @param shape with the vocabulary left to the corpus
 */
public record ModelPreset(String key, ModelConfiguration shape) {
  private static final List<ModelPreset> ALL =
      List.of(
          new ModelPreset("nano", ModelConfiguration.gpt2(4, 4, 128, 64, 0, 0, 1e-5f)),
          new ModelPreset("llama-nano", ModelConfiguration.llama(4, 4, 2, 128, 0, 64, 10_000)),
          new ModelPreset("gpt2", ModelConfiguration.gpt2(12, 12, 768, 1024, 0, 0.1f, 1e-5f)),
          new ModelPreset(
              "gpt2-medium", ModelConfiguration.gpt2(24, 16, 1024, 1024, 0, 0.1f, 1e-5f)),
          new ModelPreset(
              "gpt2-large", ModelConfiguration.gpt2(36, 20, 1280, 1024, 0, 0.1f, 1e-5f)),
          new ModelPreset(
              "llama-1.1b", ModelConfiguration.llama(22, 32, 4, 2048, 5632, 2048, 10_000)),
          new ModelPreset("gpt2-xl", ModelConfiguration.gpt2(48, 25, 1600, 1024, 0, 0.1f, 1e-5f)),
          new ModelPreset(
              "llama-7b", ModelConfiguration.llama(32, 32, 32, 4096, 11_008, 4096, 10_000)));

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
