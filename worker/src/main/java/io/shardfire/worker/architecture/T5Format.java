package io.shardfire.worker.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardfire.kernels.ops.Activation.Function;
import io.shardfire.worker.architecture.ModelConfiguration.HeadKind;

/** Hugging Face's T5Config. Nothing of the model depends on its length, so any context will do. */
final class T5Format implements ConfigurationFormat {
  private static final String FEED_FORWARD = "feed_forward_proj";
  private static final String GATED = "gated-";
  private static final String GATED_GELU = "gated-gelu";
  private static final String SCALED = "scale_decoder_outputs";
  private static final String TIED = "tie_word_embeddings";
  private static final int USUAL_CONTEXT = 512;

  @Override
  public String modelType() {
    return "t5";
  }

  @Override
  public String architecture(ModelConfiguration model) {
    return "T5ForConditionalGeneration";
  }

  @Override
  public void write(ModelConfiguration model, ObjectNode root) {
    root.put(FEED_FORWARD, feedForward(model));
    root.put("num_layers", model.sourceLayers());
    root.put("num_decoder_layers", model.layers());
    root.put("num_heads", model.heads());
    root.put("d_model", model.width());
    root.put("d_kv", model.headSize());
    root.put("d_ff", model.hidden());
    root.put("n_positions", model.context());
    root.put("vocab_size", model.vocabularySize());
    root.put("layer_norm_epsilon", model.normEpsilon());
    root.put("dropout_rate", model.dropout());
    root.put("relative_attention_num_buckets", model.relativeBuckets());
    root.put("relative_attention_max_distance", model.relativeDistance());
    root.put("is_encoder_decoder", true);
    root.put(SCALED, model.head() == HeadKind.SCALED);
  }

  /** The library takes a gated GELU to be the tanh form. */
  private static String feedForward(ModelConfiguration model) {
    if (!model.gated()) {
      return ActivationNames.of(model.activation());
    }
    return model.activation() == Function.GELU_TANH
        ? GATED_GELU
        : GATED + ActivationNames.of(model.activation());
  }

  @Override
  public ModelConfiguration read(ConfigurationKeys keys) {
    String feedForward = keys.text(FEED_FORWARD, "relu");
    boolean gated = feedForward.startsWith(GATED);
    Function activation =
        feedForward.equals(GATED_GELU)
            ? Function.GELU_TANH
            : ActivationNames.read(
                FEED_FORWARD, gated ? feedForward.substring(GATED.length()) : feedForward);
    // Releases since 5 write every model as tied, and then say in the second key whether it was.
    boolean tied = keys.truth(TIED, true) && keys.truth(SCALED, true);
    int layers = keys.integer("num_layers");
    ModelBuilder sizes =
        ModelConfiguration.decoder(
                keys.integer("num_decoder_layers", layers),
                keys.integer("num_heads"),
                keys.integer("d_model"),
                keys.integer("n_positions", USUAL_CONTEXT))
            .headWidth(keys.integer("d_kv"))
            .feedForwardWidth(keys.integer("d_ff"))
            .vocabularySize(keys.integer("vocab_size"))
            .normEpsilon(keys.real("layer_norm_epsilon", 1e-6))
            .dropout(keys.real("dropout_rate", 0.1));
    return (gated ? Family.T5_GATED : Family.T5)
        .form(sizes)
        .encoderLayers(layers)
        .activation(activation)
        .relative(
            keys.integer("relative_attention_num_buckets", ModelBuilder.RELATIVE_BUCKETS),
            keys.integer("relative_attention_max_distance", ModelBuilder.RELATIVE_DISTANCE))
        .tiedEmbeddings(tied)
        .head(tied ? HeadKind.SCALED : HeadKind.PLAIN)
        .build();
  }
}
