package io.shardfire.worker.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalInt;

/** The {@code config.json} of a Hugging Face GPT-2 model folder. */
public final class Gpt2ConfigurationFile {
  /** Its name in a model folder. */
  public static final String NAME = "config.json";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Gpt2ConfigurationFile() {}

  /**
   * The file's text.
   *
   * @param endOfText written as bos_token_id and eos_token_id when present
   */
  public static String write(Gpt2Configuration model, OptionalInt endOfText) {
    ObjectNode root = MAPPER.createObjectNode();
    root.putArray("architectures").add("GPT2LMHeadModel");
    root.put("model_type", "gpt2");
    root.put("activation_function", "gelu_new");
    root.put("n_layer", model.layers());
    root.put("n_head", model.heads());
    root.put("n_embd", model.width());
    root.put("n_positions", model.context());
    root.put("n_ctx", model.context());
    root.put("vocab_size", model.vocabularySize());
    root.put("layer_norm_epsilon", model.layerNormEpsilon());
    root.put("embd_pdrop", model.dropout());
    root.put("attn_pdrop", model.dropout());
    root.put("resid_pdrop", model.dropout());
    root.put("initializer_range", 0.02);
    root.put("tie_word_embeddings", true);
    root.put("torch_dtype", "float32");
    if (endOfText.isPresent()) {
      root.put("bos_token_id", endOfText.getAsInt());
      root.put("eos_token_id", endOfText.getAsInt());
    } else {
      root.putNull("bos_token_id");
      root.putNull("eos_token_id");
    }
    return root.toPrettyString() + "\n";
  }

  /**
   * Reads the shape back. The residual dropout rate stands for all three rates.
   *
   * @throws IllegalArgumentException naming the key and value this model does not support
   */
  public static Gpt2Configuration read(String json) {
    JsonNode root;
    try {
      root = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(NAME + " is not JSON: " + e.getOriginalMessage(), e);
    }
    require(root, "model_type", "gpt2");
    requireAbsentOr(root, "tie_word_embeddings", "true");
    requireAbsentOr(root, "scale_attn_weights", "true");
    requireAbsentOr(root, "scale_attn_by_inverse_layer_idx", "false");
    requireAbsentOr(root, "add_cross_attention", "false");
    String activation = root.path("activation_function").asText("gelu_new");
    if (!activation.equals("gelu_new") && !activation.equals("gelu_pytorch_tanh")) {
      throw unsupported("activation_function", activation, "gelu_new");
    }
    int width = integer(root, "n_embd");
    JsonNode inner = root.path("n_inner");
    if (inner.isNumber() && inner.asInt() != 4 * width) {
      throw unsupported("n_inner", inner.asText(), String.valueOf(4 * width));
    }
    return new Gpt2Configuration(
        integer(root, "n_layer"),
        integer(root, "n_head"),
        width,
        root.has("n_positions") ? integer(root, "n_positions") : integer(root, "n_ctx"),
        integer(root, "vocab_size"),
        (float) root.path("resid_pdrop").asDouble(0.1),
        (float) root.path("layer_norm_epsilon").asDouble(1e-5));
  }

  /** The eos_token_id, if the file has one. */
  public static OptionalInt endOfText(String json) {
    try {
      JsonNode id = MAPPER.readTree(json).path("eos_token_id");
      return id.isInt() ? OptionalInt.of(id.asInt()) : OptionalInt.empty();
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(NAME + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static int integer(JsonNode root, String key) {
    JsonNode value = root.path(key);
    if (!value.isInt()) {
      throw new IllegalArgumentException(
          NAME + " must hold a whole number under " + key + ": " + key + "=" + value);
    }
    return value.asInt();
  }

  private static void require(JsonNode root, String key, String expected) {
    if (!root.path(key).asText().equals(expected)) {
      throw unsupported(key, root.path(key).asText(), expected);
    }
  }

  private static void requireAbsentOr(JsonNode root, String key, String expected) {
    if (root.has(key)) {
      require(root, key, expected);
    }
  }

  private static IllegalArgumentException unsupported(String key, String value, String expected) {
    return new IllegalArgumentException(
        NAME
            + " describes a model that is not supported; use a GPT-2 model folder: "
            + key
            + "="
            + value
            + ", supported="
            + expected);
  }
}
