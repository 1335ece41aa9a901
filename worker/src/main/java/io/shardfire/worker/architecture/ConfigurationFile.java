package io.shardfire.worker.architecture;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** The {@code config.json} of a Hugging Face model folder. */
public final class ConfigurationFile {
  /** Its name in a model folder. */
  public static final String NAME = "config.json";

  private static final String MODEL_TYPE = "model_type";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ConfigurationFile() {}

  /**
   * As below, for a vocabulary whose one special token parts texts, as GPT-2's.
   *
   * @param endOfText written as bos_token_id and eos_token_id when present
   */
  public static String write(ModelConfiguration model, OptionalInt endOfText) {
    return write(
        model,
        new ModelTokens(
            endOfText,
            endOfText.stream().boxed().toList(),
            OptionalInt.empty(),
            OptionalInt.empty()));
  }

  /** The file's text, as the model's family writes it. */
  public static String write(ModelConfiguration model, ModelTokens tokens) {
    ConfigurationFormat format = Family.of(model).format();
    ObjectNode root = MAPPER.createObjectNode();
    root.putArray("architectures").add(format.architecture(model));
    root.put(MODEL_TYPE, format.modelType());
    format.write(model, root);
    root.put("tie_word_embeddings", model.tiedEmbeddings());
    root.put("torch_dtype", "float32");
    tokens.write(root, model.hasSource());
    return root.toPrettyString() + "\n";
  }

  /**
   * Reads the shape back.
   *
   * @throws IllegalArgumentException naming the key and value that is not supported
   */
  public static ModelConfiguration read(String json) {
    JsonNode root = parse(json);
    String type = root.path(MODEL_TYPE).asText();
    for (Family family : Family.all()) {
      if (family.format().modelType().equals(type)) {
        return family.format().read(new ConfigurationKeys(root)).canonical();
      }
    }
    throw ConfigurationKeys.unsupported(
        MODEL_TYPE,
        type,
        Family.all().stream()
            .map(family -> family.format().modelType())
            .distinct()
            .collect(Collectors.joining(", ")));
  }

  /** The ids that the file names for what is generated. */
  public static ModelTokens tokens(String json) {
    return ModelTokens.read(parse(json));
  }

  private static JsonNode parse(String json) {
    try {
      return MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(NAME + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }
}
