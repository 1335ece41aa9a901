package io.shardfire.jobs.configuration;

import io.shardfire.worker.model.Gpt2Configuration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Well-known shapes for {@code model.preset}: the four GPT-2 models (Radford et al., 2019) and a
 * small one for trying things out. Vocabularies are those of the prepared corpus.
 */
enum ModelPreset {
  NANO(4, 4, 128, 64, 0f),
  GPT2(12, 12, 768, 1024, 0.1f),
  GPT2_MEDIUM(24, 16, 1024, 1024, 0.1f),
  GPT2_LARGE(36, 20, 1280, 1024, 0.1f),
  GPT2_XL(48, 25, 1600, 1024, 0.1f);

  private static final float LAYER_NORM_EPSILON = 1e-5f;

  private final int layers;
  private final int heads;
  private final int width;
  private final int context;
  private final float dropout;

  ModelPreset(int layers, int heads, int width, int context, float dropout) {
    this.layers = layers;
    this.heads = heads;
    this.width = width;
    this.context = context;
    this.dropout = dropout;
  }

  /** The name in files: {@code gpt2-medium}. */
  String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The shape, with the vocabulary left to the corpus. */
  Gpt2Configuration shape() {
    return new Gpt2Configuration(layers, heads, width, context, 0, dropout, LAYER_NORM_EPSILON);
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
