package io.shardfire.worker.architecture;

import io.shardfire.kernels.ops.Activation;
import java.io.Serializable;

/**
 * Shape of a model: the choices that it is composed of.
 *
 * @param kind which stacks of blocks there are
 * @param cell of recurrent layers instead of a transformer's blocks: what is said of attention and
 *     the layer inside a block has no meaning then
 * @param layers blocks; of the decoder where there are two stacks
 * @param encoderLayers blocks of the encoder beside a decoder; 0 means as many as layers
 * @param heads query heads
 * @param keyValueHeads heads of keys and values, a divisor of heads; 0 means as many as heads
 * @param headWidth of one head; 0 means width / heads
 * @param width of the residual stream
 * @param feedForwardWidth of the layer inside a block; 0 means four times the width, or for a gated
 *     one eight thirds of it, rounded up to a multiple of 32
 * @param context most tokens of a sequence
 * @param sourceContext most tokens of what the encoder beside a decoder reads; 0 means context
 * @param vocabularySize 0 means: as the prepared corpus says
 * @param dropout one rate for embeddings, attention weights and residual branches
 * @param norm what brings rows to one scale
 * @param normPlacement where in a block
 * @param normEpsilon keeps it from dividing by zero
 * @param activation inside a block
 * @param gated whether a second half of the layer multiplies what is activated: with silu SwiGLU,
 *     with gelu GeGLU
 * @param positions how the model knows where a token stands
 * @param ropeBase of rotary positions
 * @param relativeBuckets of relative positions: how many distances are told apart
 * @param relativeDistance of relative positions: all from here on are one
 * @param window tokens that a query sees to each side that it sees, its own included; 0 for all
 * @param scaledAttention whether scores are divided by the root of the head's width
 * @param biases whether linear layers have a bias
 * @param tiedEmbeddings whether tokens are predicted with the table that embeds them
 * @param sharedEmbeddings whether encoder and decoder embed with one table
 * @param scaledEmbeddings whether tokens' vectors are multiplied by the root of the width
 * @param embeddingNorm whether what is embedded is normalised
 * @param segments kinds of sentences with a vector of their own, 0 for none
 * @param head how tokens are predicted
 * @param sentenceHead whether a class of two is predicted for each sequence, from its first token
 */
public record ModelConfiguration(
    Kind kind,
    CellKind cell,
    int layers,
    int encoderLayers,
    int heads,
    int keyValueHeads,
    int headWidth,
    int width,
    int feedForwardWidth,
    int context,
    int sourceContext,
    int vocabularySize,
    float dropout,
    NormKind norm,
    NormPlacement normPlacement,
    float normEpsilon,
    Activation.Function activation,
    boolean gated,
    PositionKind positions,
    float ropeBase,
    int relativeBuckets,
    int relativeDistance,
    int window,
    boolean scaledAttention,
    boolean biases,
    boolean tiedEmbeddings,
    boolean sharedEmbeddings,
    boolean scaledEmbeddings,
    boolean embeddingNorm,
    int segments,
    HeadKind head,
    boolean sentenceHead)
    implements Serializable {
  private static final int FEED_FORWARD_FACTOR = 4;
  private static final int FEED_FORWARD_MULTIPLE = 32;

  /** Which stacks of blocks a model has. */
  public enum Kind {
    /** One whose tokens see those before them. */
    DECODER,
    /** One whose tokens see each other (Devlin et al., 2019). */
    ENCODER,
    /** Both, the second seeing what the first makes of a source (Vaswani et al., 2017). */
    ENCODER_DECODER
  }

  /** What blocks are. */
  public enum CellKind {
    /** No cells: those of a transformer. */
    NONE,
    /** tanh (Elman, 1990). */
    RNN,
    /** With a forget gate (Hochreiter and Schmidhuber, 1997; Gers et al., 2000). */
    LSTM,
    /** Its reset gate behind the product, as in cuDNN (Cho et al., 2014). */
    GRU
  }

  /** What brings the rows of a matrix to one scale. */
  public enum NormKind {
    /** LayerNorm (Ba, Kiros and Hinton, 2016). */
    LAYER,
    /** RMSNorm (Zhang and Sennrich, 2019). */
    RMS
  }

  /** Where a block normalises (Xiong et al., 2020). */
  public enum NormPlacement {
    /** The input of each branch, and the stream after the last block. */
    PRE,
    /** The sum of each branch and the stream. */
    POST
  }

  /** How a model knows where a token stands. */
  public enum PositionKind {
    /** A trained vector for each position. */
    LEARNED,
    /** Sines and cosines in turn (Vaswani et al., 2017). */
    SINUSOIDAL,
    /** All sines before all cosines, as the authors' own code and Marian have them. */
    SINUSOIDAL_HALVES,
    /** Rotary (Su et al., 2021). */
    ROPE,
    /** Linear biases by distance (Press et al., 2022). */
    ALIBI,
    /** Trained biases by distance (Raffel et al., 2020). */
    RELATIVE,
    /** Only by what the causal mask hides (Kazemnejad et al., 2023). */
    NONE
  }

  /** What makes logits of the last hidden states. */
  public enum HeadKind {
    /** A table of tokens. */
    PLAIN,
    /** A table, and a bias of each token. */
    BIASED,
    /** Before the table a layer, the activation and a norm; a bias after (Devlin et al., 2019). */
    TRANSFORMED,
    /** The table that embeds, with hidden states over the root of the width (T5 1.0). */
    SCALED
  }

  /** Checks every value. */
  public ModelConfiguration {
    new ModelChecks(kind, cell)
        .recurrence(positions)
        .sizes(layers, heads, context, vocabularySize, feedForwardWidth)
        .heads(heads, keyValueHeads, headWidth, width)
        .rates(dropout, normEpsilon, window)
        .encoder(encoderLayers, sourceContext, sharedEmbeddings)
        .positions(positions, ropeBase, headWidth == 0 ? width / heads : headWidth)
        .relative(positions, relativeBuckets, relativeDistance)
        .head(head, tiedEmbeddings, segments, sentenceHead)
        .withoutAttention(heads, keyValueHeads, headWidth, window, scaledAttention)
        .withoutFeedForward(feedForwardWidth, gated, normPlacement)
        .withoutNorms(norm, activation, embeddingNorm, head);
  }

  /**
   * The usual decoder, to begin from: LayerNorm before each branch, tanh-GELU, a trained vector for
   * each position, biases, one table of tokens, no dropout (Radford et al., 2019).
   */
  public static ModelBuilder decoder(int layers, int heads, int width, int context) {
    return new ModelBuilder(layers, heads, width, context);
  }

  /** The same choices, to be changed. */
  public ModelBuilder with() {
    return new ModelBuilder(this);
  }

  /** The same model with another vocabulary. */
  public ModelConfiguration withVocabularySize(int size) {
    return with().vocabularySize(size).build();
  }

  /**
   * The same model, written in the one way that two alike have in common: 0 where a number is what
   * 0 stands for, and the usual value where one has no effect.
   */
  public ModelConfiguration canonical() {
    ModelBuilder same = with();
    if (keyValueHeads == heads) {
      same.keyValueHeads(0);
    }
    if (headWidth * heads == width) {
      same.headWidth(0);
    }
    if (feedForwardWidth == usualHidden()) {
      same.feedForwardWidth(0);
    }
    if (encoderLayers == layers) {
      same.encoderLayers(0);
    }
    if (sourceContext == context) {
      same.sourceContext(0);
    }
    if (positions != PositionKind.ROPE) {
      same.ropeBase(ModelBuilder.ROPE_BASE);
    }
    if (positions != PositionKind.RELATIVE) {
      same.relative(ModelBuilder.RELATIVE_BUCKETS, ModelBuilder.RELATIVE_DISTANCE);
    }
    return same.build();
  }

  /** Width of one head. */
  public int headSize() {
    return headWidth == 0 ? width / heads : headWidth;
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

  /** Whether blocks are recurrent layers instead of a transformer's. */
  public boolean recurrent() {
    return cell != CellKind.NONE;
  }

  /** Whether an encoder reads a source beside a decoder. */
  public boolean hasSource() {
    return kind == Kind.ENCODER_DECODER;
  }

  /** Blocks of the encoder beside a decoder. */
  public int sourceLayers() {
    return encoderLayers == 0 ? layers : encoderLayers;
  }

  /** Most tokens of what an encoder beside a decoder reads; 0 where there is none. */
  public int source() {
    if (!hasSource()) {
      return 0;
    }
    return sourceContext == 0 ? context : sourceContext;
  }
}
