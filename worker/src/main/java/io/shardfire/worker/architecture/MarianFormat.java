package io.shardfire.worker.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Hugging Face's MarianConfig. The dropout rate of its residual branches stands for all three. */
final class MarianFormat implements ConfigurationFormat {
  /** The library leaves its norms the default, which no key can change. */
  static final float NORM_EPSILON = 1e-5f;

  private static final String ACTIVATION = "activation_function";
  private static final String SCALED = "scale_embedding";
  private static final List<String> STACKS = List.of("encoder", "decoder");
  private static final String HEADS = "_attention_heads";
  private static final String FEED_FORWARD = "_ffn_dim";

  @Override
  public String modelType() {
    return "marian";
  }

  @Override
  public String architecture(ModelConfiguration model) {
    return "MarianMTModel";
  }

  @Override
  public void write(ModelConfiguration model, ObjectNode root) {
    root.put(ACTIVATION, ActivationNames.of(model.activation()));
    root.put("encoder_layers", model.sourceLayers());
    root.put("decoder_layers", model.layers());
    for (String stack : STACKS) {
      root.put(stack + HEADS, model.heads());
      root.put(stack + FEED_FORWARD, model.hidden());
    }
    root.put("d_model", model.width());
    root.put("max_position_embeddings", model.context());
    root.put("vocab_size", model.vocabularySize());
    root.put("decoder_vocab_size", model.vocabularySize());
    root.put("share_encoder_decoder_embeddings", true);
    root.put(SCALED, model.scaledEmbeddings());
    root.put("dropout", model.dropout());
    root.put("attention_dropout", model.dropout());
    root.put("activation_dropout", 0);
    root.put("init_std", 0.02);
    root.put("is_encoder_decoder", true);
    // The library's own defaults stand outside of a small vocabulary.
    root.putNull("pad_token_id");
    root.put("decoder_start_token_id", 0);
    root.putNull("forced_eos_token_id");
  }

  @Override
  public ModelConfiguration read(ConfigurationKeys keys) {
    keys.requireAbsentOr("tie_word_embeddings", "true");
    keys.requireAbsentOr("share_encoder_decoder_embeddings", "true");
    keys.requireAbsentOr("normalize_before", "false");
    keys.requireAbsentOr("normalize_embedding", "false");
    for (String size : List.of(HEADS, FEED_FORWARD)) {
      keys.requireAbsentOr("encoder" + size, keys.text("decoder" + size, ""));
    }
    ModelBuilder sizes =
        ModelConfiguration.decoder(
                keys.integer("decoder_layers"),
                keys.integer("decoder" + HEADS),
                keys.integer("d_model"),
                keys.integer("max_position_embeddings"))
            .feedForwardWidth(keys.integer("decoder" + FEED_FORWARD))
            .vocabularySize(keys.integer("vocab_size"))
            .dropout(keys.real("dropout", 0.1));
    return Family.MARIAN
        .form(sizes)
        .encoderLayers(keys.integer("encoder_layers"))
        .activation(ActivationNames.read(ACTIVATION, keys.text(ACTIVATION, "gelu")))
        .scaledEmbeddings(keys.truth(SCALED, false))
        .build();
  }
}
