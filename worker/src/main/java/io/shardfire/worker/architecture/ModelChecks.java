package io.shardfire.worker.architecture;

import io.shardfire.kernels.ops.Activation;
import io.shardfire.worker.architecture.ModelConfiguration.CellKind;
import io.shardfire.worker.architecture.ModelConfiguration.HeadKind;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.architecture.ModelConfiguration.NormKind;
import io.shardfire.worker.architecture.ModelConfiguration.NormPlacement;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;

/** Refuses sizes and combinations that no model can have, each with the reason. */
record ModelChecks(Kind kind, CellKind cell) {
  private static final int MIN_HEAD_SIZE = 8;
  private static final int MAX_HEAD_SIZE = 256;
  private static final int MIN_BUCKETS = 4;
  private static final int MAX_BUCKETS = 4096;

  ModelChecks sizes(int layers, int heads, int context, int vocabularySize, int feedForwardWidth) {
    return require(
        layers >= 1 && heads >= 1 && context >= 1 && vocabularySize >= 0 && feedForwardWidth >= 0,
        "Sizes must be positive: layers=%s, heads=%s, context=%s, vocabularySize=%s,"
            + " feedForwardWidth=%s",
        layers,
        heads,
        context,
        vocabularySize,
        feedForwardWidth);
  }

  ModelChecks heads(int heads, int keyValueHeads, int headWidth, int width) {
    int size = headWidth == 0 ? width / heads : headWidth;
    return require(width >= 1, "Width must be positive: width=%s", width)
        .require(
            recurrent()
                || ((headWidth > 0 || (headWidth == 0 && width % heads == 0))
                    && size >= MIN_HEAD_SIZE
                    && size <= MAX_HEAD_SIZE),
            "Width must be heads times a head size of 8 to 256, unless headWidth gives that size:"
                + " width=%s, heads=%s, headWidth=%s",
            width,
            heads,
            headWidth)
        .require(
            keyValueHeads == 0 || (keyValueHeads > 0 && heads % keyValueHeads == 0),
            "keyValueHeads must divide heads, or be 0 for as many: keyValueHeads=%s, heads=%s",
            keyValueHeads,
            heads);
  }

  ModelChecks rates(float dropout, float normEpsilon, int window) {
    return require(dropout >= 0 && dropout < 1, "Dropout must be in [0, 1): dropout=%s", dropout)
        .require(normEpsilon > 0, "normEpsilon must be positive: normEpsilon=%s", normEpsilon)
        .require(window >= 0, "window must be 0 for all tokens, or more: window=%s", window);
  }

  ModelChecks encoder(int encoderLayers, int sourceContext, boolean sharedEmbeddings) {
    return require(
            encoderLayers >= 0 && sourceContext >= 0,
            "encoderLayers and sourceContext must be 0 for those of the decoder, or more:"
                + " encoderLayers=%s, sourceContext=%s",
            encoderLayers,
            sourceContext)
        .require(
            kind == Kind.ENCODER_DECODER
                || (encoderLayers == 0 && sourceContext == 0 && sharedEmbeddings),
            "Only an encoder-decoder has a second stack to set encoderLayers, sourceContext or"
                + " sharedEmbeddings for: kind=%s, encoderLayers=%s, sourceContext=%s,"
                + " sharedEmbeddings=%s",
            kind,
            encoderLayers,
            sourceContext,
            sharedEmbeddings);
  }

  ModelChecks positions(PositionKind positions, float ropeBase, int headSize) {
    return require(
            positions != PositionKind.ROPE || (ropeBase > 1 && headSize % 2 == 0),
            "Rotary positions need a base above 1 and heads of an even size: ropeBase=%s,"
                + " head size=%s",
            ropeBase,
            headSize)
        .require(
            positions != PositionKind.NONE || kind == Kind.DECODER,
            "An encoder cannot tell the order of its tokens without positions, as no mask hides"
                + " later ones: kind=%s, positions=%s",
            kind,
            positions);
  }

  ModelChecks relative(PositionKind positions, int buckets, int distance) {
    return require(
        positions != PositionKind.RELATIVE
            || (buckets >= MIN_BUCKETS
                && buckets <= MAX_BUCKETS
                && buckets % 2 == 0
                && distance > buckets / 2),
        "Relative positions need an even number of 4 to 4096 buckets, and a distance above half"
            + " of it: relativeBuckets=%s, relativeDistance=%s",
        buckets,
        distance);
  }

  ModelChecks head(HeadKind head, boolean tied, int segments, boolean sentenceHead) {
    return require(
            head != HeadKind.SCALED || tied,
            "A scaled head predicts with the embedding's table: head=%s, tiedEmbeddings=%s",
            head,
            tied)
        .require(
            segments == 0 || (segments > 0 && kind == Kind.ENCODER),
            "Segments tell the sentences that an encoder reads apart; others must have 0:"
                + " segments=%s, kind=%s",
            segments,
            kind)
        .require(
            !sentenceHead || kind == Kind.ENCODER,
            "A sentence head reads the first token, which sees the whole sequence in an encoder"
                + " only: sentenceHead=%s, kind=%s",
            sentenceHead,
            kind);
  }

  private boolean recurrent() {
    return cell != CellKind.NONE;
  }

  ModelChecks recurrence(PositionKind positions) {
    return require(
            !recurrent() || kind == Kind.DECODER,
            "Recurrent layers read tokens one after another, so they make decoders; set"
                + " kind=decoder or cell=none: cell=%s, kind=%s",
            cell,
            kind)
        .require(
            !recurrent() || positions == PositionKind.NONE,
            "Recurrent layers know where a token stands from those they have read; set"
                + " positions=none or cell=none: cell=%s, positions=%s",
            cell,
            positions);
  }

  ModelChecks withoutAttention(
      int heads, int keyValueHeads, int headWidth, int window, boolean scaledAttention) {
    return require(
        !recurrent()
            || (heads == 1
                && keyValueHeads == 0
                && headWidth == 0
                && window == 0
                && scaledAttention),
        "Recurrent layers do not attend; set heads=1, keyValueHeads=0, headWidth=0, window=0 and"
            + " scaledAttention=true, or cell=none: cell=%s, heads=%s, keyValueHeads=%s,"
            + " headWidth=%s, window=%s, scaledAttention=%s",
        cell,
        heads,
        keyValueHeads,
        headWidth,
        window,
        scaledAttention);
  }

  ModelChecks withoutFeedForward(int feedForwardWidth, boolean gated, NormPlacement normPlacement) {
    return require(
        !recurrent() || (feedForwardWidth == 0 && !gated && normPlacement == NormPlacement.PRE),
        "Recurrent layers are one layer each, without norm and residual; set feedForwardWidth=0,"
            + " gated=false and normPlacement=pre, or cell=none: cell=%s, feedForwardWidth=%s,"
            + " gated=%s, normPlacement=%s",
        cell,
        feedForwardWidth,
        gated,
        normPlacement);
  }

  ModelChecks withoutNorms(
      NormKind norm, Activation.Function activation, boolean embeddingNorm, HeadKind head) {
    boolean transforms = head == HeadKind.TRANSFORMED;
    return require(
        !recurrent()
            || ((transforms || embeddingNorm || norm == NormKind.LAYER)
                && (transforms || activation == Activation.Function.GELU_TANH)),
        "Recurrent layers have no norm and functions of their own; set norm=layer and"
            + " activation=gelu-tanh, or cell=none: cell=%s, norm=%s, activation=%s",
        cell,
        norm,
        activation);
  }

  private ModelChecks require(boolean holds, String reason, Object... values) {
    if (!holds) {
      throw new IllegalArgumentException(String.format(java.util.Locale.ROOT, reason, values));
    }
    return this;
  }
}
