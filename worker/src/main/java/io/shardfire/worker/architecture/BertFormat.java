package io.shardfire.worker.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Hugging Face's BertConfig. The rate of hidden states stands for that of attention weights too.
 */
final class BertFormat implements ConfigurationFormat {
  private static final String ACTIVATION = "hidden_act";
  private static final String DROPOUT = "hidden_dropout_prob";
  private static final String PRETRAINING = "BertForPreTraining";

  @Override
  public String modelType() {
    return "bert";
  }

  @Override
  public String architecture(ModelConfiguration model) {
    return model.sentenceHead() ? PRETRAINING : "BertForMaskedLM";
  }

  @Override
  public void write(ModelConfiguration model, ObjectNode root) {
    root.put(ACTIVATION, ActivationNames.of(model.activation()));
    root.put("num_hidden_layers", model.layers());
    root.put("num_attention_heads", model.heads());
    root.put("hidden_size", model.width());
    root.put("intermediate_size", model.hidden());
    root.put("max_position_embeddings", model.context());
    root.put("vocab_size", model.vocabularySize());
    root.put("type_vocab_size", model.segments());
    root.put("layer_norm_eps", model.normEpsilon());
    root.put(DROPOUT, model.dropout());
    root.put("attention_probs_dropout_prob", model.dropout());
    root.put("initializer_range", 0.02);
  }

  @Override
  public ModelConfiguration read(ConfigurationKeys keys) {
    keys.requireAbsentOr("position_embedding_type", "absolute");
    keys.requireAbsentOr("is_decoder", "false");
    keys.requireAbsentOr("tie_word_embeddings", "true");
    ModelBuilder sizes =
        ModelConfiguration.decoder(
                keys.integer("num_hidden_layers"),
                keys.integer("num_attention_heads"),
                keys.integer("hidden_size"),
                keys.integer("max_position_embeddings"))
            .feedForwardWidth(keys.integer("intermediate_size"))
            .vocabularySize(keys.integer("vocab_size"))
            .normEpsilon(keys.real("layer_norm_eps", 1e-12))
            .dropout(keys.real(DROPOUT, 0.1));
    return Family.BERT
        .form(sizes)
        .activation(ActivationNames.read(ACTIVATION, keys.text(ACTIVATION, "gelu")))
        .segments(keys.integer("type_vocab_size", 2))
        .sentenceHead(keys.root().path("architectures").path(0).asText().equals(PRETRAINING))
        .build();
  }
}
