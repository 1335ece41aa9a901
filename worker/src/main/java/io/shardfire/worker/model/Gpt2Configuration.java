package io.shardfire.worker.model;

import java.io.Serializable;

/**
 * Shape of a GPT-2 model (Radford et al., 2019).
 *
 * @param vocabularySize 0 means: as the prepared corpus says
 * @param dropout one rate for embeddings, attention weights and residual branches
 */
public record Gpt2Configuration(
    int layers,
    int heads,
    int width,
    int context,
    int vocabularySize,
    float dropout,
    float layerNormEpsilon)
    implements Serializable {
  /** Checks every value. */
  public Gpt2Configuration {
    if (layers < 1 || heads < 1 || context < 1 || vocabularySize < 0) {
      throw new IllegalArgumentException(
          "Sizes must be positive: layers="
              + layers
              + ", heads="
              + heads
              + ", context="
              + context
              + ", vocabularySize="
              + vocabularySize);
    }
    if (width % heads != 0 || width / heads < 8 || width / heads > 256) {
      throw new IllegalArgumentException(
          "Width must be heads times a head size of 8 to 256: width=" + width + ", heads=" + heads);
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("Dropout must be in [0, 1): dropout=" + dropout);
    }
    if (!(layerNormEpsilon > 0)) {
      throw new IllegalArgumentException(
          "layerNormEpsilon must be positive: layerNormEpsilon=" + layerNormEpsilon);
    }
  }

  /** Width of one head. */
  public int headSize() {
    return width / heads;
  }

  /** The same shape with another vocabulary. */
  public Gpt2Configuration withVocabularySize(int size) {
    return new Gpt2Configuration(layers, heads, width, context, size, dropout, layerNormEpsilon);
  }
}
