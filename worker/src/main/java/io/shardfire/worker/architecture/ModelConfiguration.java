package io.shardfire.worker.architecture;

import io.shardfire.kernels.ops.Activation;
import java.io.Serializable;

/**
 * Shape of a decoder-only transformer whose blocks normalise the input of each branch.
 *
 * @param layers blocks
 * @param heads query heads
 * @param keyValueHeads heads of keys and values, a divisor of heads; 0 means as many as heads
 * @param width of the residual stream
 * @param feedForwardWidth of the layer inside a block; 0 means four times the width, or for a gated
 *     one eight thirds of it, rounded up to a multiple of 32
 * @param context most tokens of a sequence
 * @param vocabularySize 0 means: as the prepared corpus says
 * @param dropout one rate for embeddings, attention weights and residual branches
 * @param norm what brings rows to one scale
 * @param normEpsilon keeps it from dividing by zero
 * @param activation inside a block
 * @param gated whether a second half of the layer multiplies what is activated: with silu SwiGLU,
 *     with gelu GeGLU
 * @param positions how the model knows where a token stands
 * @param ropeBase of rotary positions
 * @param window tokens that a query sees, its own included; 0 for all before it
 * @param biases whether linear layers have a bias
 * @param tiedEmbeddings whether tokens are predicted with the table that embeds them
 */
public record ModelConfiguration(
    int layers,
    int heads,
    int keyValueHeads,
    int width,
    int feedForwardWidth,
    int context,
    int vocabularySize,
    float dropout,
    NormKind norm,
    float normEpsilon,
    Activation.Function activation,
    boolean gated,
    PositionKind positions,
    float ropeBase,
    int window,
    boolean biases,
    boolean tiedEmbeddings)
    implements Serializable {
  private static final int FEED_FORWARD_FACTOR = 4;
  private static final int FEED_FORWARD_MULTIPLE = 32;
  private static final int MIN_HEAD_SIZE = 8;
  private static final int MAX_HEAD_SIZE = 256;
  private static final float ROPE_BASE = 10_000;

  /** What brings the rows of a matrix to one scale. */
  public enum NormKind {
    /** LayerNorm (Ba, Kiros and Hinton, 2016). */
    LAYER,
    /** RMSNorm (Zhang and Sennrich, 2019). */
    RMS
  }

  /** How a model knows where a token stands. */
  public enum PositionKind {
    /** A trained vector for each position. */
    LEARNED,
    /** Sines and cosines (Vaswani et al., 2017). */
    SINUSOIDAL,
    /** Rotary (Su et al., 2021). */
    ROPE,
    /** Linear biases by distance (Press et al., 2022). */
    ALIBI,
    /** Only by what the causal mask hides (Kazemnejad et al., 2023). */
    NONE
  }

  /** Checks every value. */
  public ModelConfiguration {
    if (layers < 1 || heads < 1 || context < 1 || vocabularySize < 0 || feedForwardWidth < 0) {
      throw new IllegalArgumentException(
          "Sizes must be positive: layers="
              + layers
              + ", heads="
              + heads
              + ", context="
              + context
              + ", vocabularySize="
              + vocabularySize
              + ", feedForwardWidth="
              + feedForwardWidth);
    }
    if (width % heads != 0 || width / heads < MIN_HEAD_SIZE || width / heads > MAX_HEAD_SIZE) {
      throw new IllegalArgumentException(
          "Width must be heads times a head size of 8 to 256: width=" + width + ", heads=" + heads);
    }
    if (keyValueHeads < 0 || (keyValueHeads > 0 && heads % keyValueHeads != 0)) {
      throw new IllegalArgumentException(
          "keyValueHeads must divide heads, or be 0 for as many: keyValueHeads="
              + keyValueHeads
              + ", heads="
              + heads);
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("Dropout must be in [0, 1): dropout=" + dropout);
    }
    if (!(normEpsilon > 0)) {
      throw new IllegalArgumentException(
          "normEpsilon must be positive: normEpsilon=" + normEpsilon);
    }
    if (window < 0) {
      throw new IllegalArgumentException(
          "window must be 0 for all tokens, or more: window=" + window);
    }
    if (positions == PositionKind.ROPE && (!(ropeBase > 1) || width / heads % 2 != 0)) {
      throw new IllegalArgumentException(
          "Rotary positions need a base above 1 and heads of an even size: ropeBase="
              + ropeBase
              + ", width="
              + width
              + ", heads="
              + heads);
    }
  }

  /** GPT-2's form (Radford et al., 2019). */
  public static ModelConfiguration gpt2(
      int layers,
      int heads,
      int width,
      int context,
      int vocabularySize,
      float dropout,
      float epsilon) {
    return new ModelConfiguration(
        layers,
        heads,
        0,
        width,
        0,
        context,
        vocabularySize,
        dropout,
        NormKind.LAYER,
        epsilon,
        Activation.Function.GELU_TANH,
        false,
        PositionKind.LEARNED,
        ROPE_BASE,
        0,
        true,
        true);
  }

  /** Llama's form (Touvron et al., 2023). */
  public static ModelConfiguration llama(
      int layers,
      int heads,
      int keyValueHeads,
      int width,
      int feedForwardWidth,
      int context,
      float ropeBase) {
    return new ModelConfiguration(
        layers,
        heads,
        keyValueHeads,
        width,
        feedForwardWidth,
        context,
        0,
        0,
        NormKind.RMS,
        1e-5f,
        Activation.Function.SILU,
        true,
        PositionKind.ROPE,
        ropeBase,
        0,
        false,
        false);
  }

  /**
   * The same model, written in the one way that two alike have in common: 0 where a number is what
   * 0 stands for, and the usual value where one has no effect.
   */
  public ModelConfiguration canonical() {
    Changes changes = new Changes();
    changes.keyValueHeads = keyValueHeads == heads ? 0 : keyValueHeads;
    changes.feedForwardWidth = feedForwardWidth == usualHidden() ? 0 : feedForwardWidth;
    changes.ropeBase = positions == PositionKind.ROPE ? ropeBase : ROPE_BASE;
    return changes.build();
  }

  /** Width of one head. */
  public int headSize() {
    return width / heads;
  }

  /** Heads of keys and values. */
  public int groups() {
    return keyValueHeads == 0 ? heads : keyValueHeads;
  }

  /** Width of the layer inside a block. */
  public int hidden() {
    return feedForwardWidth > 0 ? feedForwardWidth : usualHidden();
  }

  private int usualHidden() {
    int gatedWidth = (2 * FEED_FORWARD_FACTOR * width + 2) / 3;
    return gated
        ? (gatedWidth + FEED_FORWARD_MULTIPLE - 1) / FEED_FORWARD_MULTIPLE * FEED_FORWARD_MULTIPLE
        : FEED_FORWARD_FACTOR * width;
  }

  /** The same model with another vocabulary. */
  public ModelConfiguration withVocabularySize(int size) {
    Changes changes = new Changes();
    changes.vocabularySize = size;
    return changes.build();
  }

  /** The same model with another layer inside blocks. */
  public ModelConfiguration withFeedForwardWidth(int size) {
    Changes changes = new Changes();
    changes.feedForwardWidth = size;
    return changes.build();
  }

  /** The same model with another epsilon. */
  public ModelConfiguration withNormEpsilon(float epsilon) {
    Changes changes = new Changes();
    changes.normEpsilon = epsilon;
    return changes.build();
  }

  /** The same model, tokens being predicted with the table that embeds them or another. */
  public ModelConfiguration withTiedEmbeddings(boolean tied) {
    Changes changes = new Changes();
    changes.tiedEmbeddings = tied;
    return changes.build();
  }

  /** What copies may change; the rest is taken over. */
  private final class Changes {
    private int keyValueHeads = ModelConfiguration.this.keyValueHeads;
    private int feedForwardWidth = ModelConfiguration.this.feedForwardWidth;
    private int vocabularySize = ModelConfiguration.this.vocabularySize;
    private float normEpsilon = ModelConfiguration.this.normEpsilon;
    private float ropeBase = ModelConfiguration.this.ropeBase;
    private boolean tiedEmbeddings = ModelConfiguration.this.tiedEmbeddings;

    private ModelConfiguration build() {
      return new ModelConfiguration(
          layers,
          heads,
          keyValueHeads,
          width,
          feedForwardWidth,
          context,
          vocabularySize,
          dropout,
          norm,
          normEpsilon,
          activation,
          gated,
          positions,
          ropeBase,
          window,
          biases,
          tiedEmbeddings);
    }
  }
}
