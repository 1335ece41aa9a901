package io.shardfire.worker.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Hugging Face's LlamaConfig. Its one dropout rate is that of attention weights: ours is 0. */
final class LlamaFormat implements ConfigurationFormat {
  private static final String ACTIVATION = "hidden_act";
  private static final String HEADS = "num_attention_heads";
  private static final String SILU = "silu";
  private static final String ROPE = "rope_parameters";
  private static final String BASE = "rope_theta";
  private static final String KIND = "rope_type";
  private static final String PLAIN = "default";

  @Override
  public String modelType() {
    return "llama";
  }

  @Override
  public String architecture(ModelConfiguration model) {
    return "LlamaForCausalLM";
  }

  @Override
  public void write(ModelConfiguration model, ObjectNode root) {
    root.put(ACTIVATION, SILU);
    root.put("num_hidden_layers", model.layers());
    root.put(HEADS, model.heads());
    root.put("num_key_value_heads", model.groups());
    root.put("head_dim", model.headSize());
    root.put("hidden_size", model.width());
    root.put("intermediate_size", model.hidden());
    root.put("max_position_embeddings", model.context());
    root.put("vocab_size", model.vocabularySize());
    root.put("rms_norm_eps", model.normEpsilon());
    // Where releases before and since 5 of Hugging Face's library look.
    root.put(BASE, model.ropeBase());
    ObjectNode rope = root.putObject(ROPE);
    rope.put(BASE, model.ropeBase());
    rope.put(KIND, PLAIN);
    root.put("attention_bias", false);
    root.put("mlp_bias", false);
    root.put("attention_dropout", 0);
    root.put("initializer_range", 0.02);
  }

  @Override
  public ModelConfiguration read(ConfigurationKeys keys) {
    keys.requireAbsentOr(ACTIVATION, SILU);
    keys.requireAbsentOr("attention_bias", "false");
    keys.requireAbsentOr("mlp_bias", "false");
    keys.inside(ROPE).requireAbsentOr(KIND, PLAIN);
    if (keys.has("rope_scaling")) {
      throw ConfigurationKeys.unsupported(
          "rope_scaling", keys.root().path("rope_scaling").toString(), "null");
    }
    int heads = keys.integer(HEADS);
    ModelBuilder sizes =
        ModelConfiguration.decoder(
                keys.integer("num_hidden_layers"),
                heads,
                keys.integer("hidden_size"),
                keys.integer("max_position_embeddings"))
            .keyValueHeads(keys.integer("num_key_value_heads", heads))
            .headWidth(keys.integer("head_dim", 0))
            .feedForwardWidth(keys.integer("intermediate_size"))
            .vocabularySize(keys.integer("vocab_size"))
            .normEpsilon(keys.real("rms_norm_eps", 1e-6))
            .ropeBase(keys.inside(ROPE).real(BASE, keys.real(BASE, 10_000)));
    return Family.LLAMA
        .form(sizes)
        .tiedEmbeddings(keys.truth("tie_word_embeddings", false))
        .build();
  }
}
