package io.shardfire.worker.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Hugging Face's GPT2Config. The residual dropout rate stands for all three rates. */
final class Gpt2Format implements ConfigurationFormat {
  private static final String ACTIVATION = "activation_function";
  private static final String TANH_GELU = "gelu_new";

  @Override
  public String modelType() {
    return "gpt2";
  }

  @Override
  public String architecture(ModelConfiguration model) {
    return "GPT2LMHeadModel";
  }

  @Override
  public void write(ModelConfiguration model, ObjectNode root) {
    root.put(ACTIVATION, TANH_GELU);
    root.put("n_layer", model.layers());
    root.put("n_head", model.heads());
    root.put("n_embd", model.width());
    if (model.feedForwardWidth() > 0) {
      root.put("n_inner", model.feedForwardWidth());
    }
    root.put("n_positions", model.context());
    root.put("n_ctx", model.context());
    root.put("vocab_size", model.vocabularySize());
    root.put("layer_norm_epsilon", model.normEpsilon());
    root.put("embd_pdrop", model.dropout());
    root.put("attn_pdrop", model.dropout());
    root.put("resid_pdrop", model.dropout());
    root.put("initializer_range", 0.02);
  }

  @Override
  public ModelConfiguration read(ConfigurationKeys keys) {
    keys.requireAbsentOr("tie_word_embeddings", "true");
    keys.requireAbsentOr("scale_attn_weights", "true");
    keys.requireAbsentOr("scale_attn_by_inverse_layer_idx", "false");
    keys.requireAbsentOr("add_cross_attention", "false");
    String activation = keys.text(ACTIVATION, TANH_GELU);
    if (!activation.equals(TANH_GELU) && !activation.equals("gelu_pytorch_tanh")) {
      throw ConfigurationKeys.unsupported(ACTIVATION, activation, TANH_GELU);
    }
    return ModelConfiguration.decoder(
            keys.integer("n_layer"),
            keys.integer("n_head"),
            keys.integer("n_embd"),
            keys.has("n_positions") ? keys.integer("n_positions") : keys.integer("n_ctx"))
        .vocabularySize(keys.integer("vocab_size"))
        .dropout(keys.real("resid_pdrop", 0.1))
        .normEpsilon(keys.real("layer_norm_epsilon", 1e-5))
        .feedForwardWidth(keys.integer("n_inner", 0))
        .build();
  }
}
