package io.shardfire.worker.architecture;

import io.shardfire.worker.model.Gpt2Configuration;
import io.shardfire.worker.nn.CausalLanguageModel;
import io.shardfire.worker.nn.Dropped;
import io.shardfire.worker.nn.FeedForward;
import io.shardfire.worker.nn.LayerNormalization;
import io.shardfire.worker.nn.Linear;
import io.shardfire.worker.nn.NextTokenHead;
import io.shardfire.worker.nn.Projection;
import io.shardfire.worker.nn.SelfAttention;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.nn.TokenEmbedding;
import io.shardfire.worker.nn.TransformerBlock;
import io.shardfire.worker.program.Initial;
import java.util.Collections;
import java.util.Map;

/**
 * GPT-2 (Radford et al., 2019): pre-LayerNorm blocks, learned positions, tanh GELU, the embedding
 * table as unembedding. Tensors are named as Hugging Face's GPT2LMHeadModel saves them, linear
 * weights input by output.
 */
public final class Gpt2Architecture {
  /** What every tensor name starts with. */
  public static final String PREFIX = "transformer.";

  private static final StateDictionary NAMES =
      new StateDictionary(
          Map.ofEntries(
              Map.entry("embedding.tokens", "transformer.wte"),
              Map.entry("embedding.positions", "transformer.wpe"),
              Map.entry("block-N.attentionNorm", "transformer.h.N.ln_1"),
              Map.entry("block-N.attention.input", "transformer.h.N.attn.c_attn"),
              Map.entry("block-N.attention.output", "transformer.h.N.attn.c_proj"),
              Map.entry("block-N.feedForwardNorm", "transformer.h.N.ln_2"),
              Map.entry("block-N.feedForward.expand", "transformer.h.N.mlp.c_fc"),
              Map.entry("block-N.feedForward.contract", "transformer.h.N.mlp.c_proj"),
              Map.entry("head.norm", "transformer.ln_f")));

  private static final double DEVIATION = 0.02;
  private static final int FEED_FORWARD_FACTOR = 4;

  private Gpt2Architecture() {}

  /**
   * The modules of a model.
   *
   * @param batch what passes read and write
   * @throws IllegalArgumentException when the vocabulary size is not known
   */
  public static CausalLanguageModel of(Gpt2Configuration model, TokenBatch batch) {
    if (model.vocabularySize() < 1) {
      throw new IllegalArgumentException(
          "The vocabulary size must be known before parameters are laid out; take it from the"
              + " prepared corpus: vocabularySize="
              + model.vocabularySize());
    }
    int width = model.width();
    Dropped dropout = new Dropped(model.dropout(), batch.dropoutKey());
    return new CausalLanguageModel(
        new TokenEmbedding(
            model.vocabularySize(),
            model.context(),
            width,
            new Initial.Normal(DEVIATION),
            dropout,
            batch),
        Collections.nCopies(model.layers(), block(model, dropout, batch)),
        new LayerNormalization("norm", width, model.layerNormEpsilon()),
        new NextTokenHead(model.vocabularySize(), width, batch),
        batch,
        NAMES::published);
  }

  /** The name as people write it, without the prefix: {@code h.3.attn.c_attn.weight}. */
  public static String shortName(String name) {
    return name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
  }

  private static TransformerBlock block(
      Gpt2Configuration model, Dropped dropout, TokenBatch batch) {
    int width = model.width();
    int hidden = FEED_FORWARD_FACTOR * width;
    Initial normal = new Initial.Normal(DEVIATION);
    // Scaled, since 2L branches add up in the residual stream.
    Initial residual = new Initial.Normal(DEVIATION / StrictMath.sqrt(2.0 * model.layers()));
    return new TransformerBlock(
        new LayerNormalization("attentionNorm", width, model.layerNormEpsilon()),
        new SelfAttention(
            "attention",
            model.heads(),
            model.context(),
            new Linear("input", width, 3 * width, normal),
            new Projection(new Linear("output", width, width, residual), dropout),
            dropout,
            batch.position()),
        new LayerNormalization("feedForwardNorm", width, model.layerNormEpsilon()),
        new FeedForward(
            "feedForward",
            new Linear("expand", width, hidden, normal),
            new Projection(new Linear("contract", hidden, width, residual), dropout)));
  }
}
