package io.shardfire.worker.architecture;

import io.shardfire.worker.architecture.ModelConfiguration.HeadKind;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;

/** Refuses sizes and combinations that no model can have, each with the reason. */
record ModelChecks(Kind kind) {
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
    return require(
            (headWidth > 0 || (headWidth == 0 && width % heads == 0))
                && width >= 1
                && size >= MIN_HEAD_SIZE
                && size <= MAX_HEAD_SIZE,
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

  private ModelChecks require(boolean holds, String reason, Object... values) {
    if (!holds) {
      throw new IllegalArgumentException(String.format(java.util.Locale.ROOT, reason, values));
    }
    return this;
  }
}
