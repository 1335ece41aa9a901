package io.shardfire.driver.corpus;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** The texts of a line that holds a JSON object. Thread-safe. */
final class JsonFields {
  private final ObjectMapper json =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** The object of a line. */
  JsonNode object(String line, String file, long offset) {
    JsonNode node;
    try {
      node = json.readTree(line);
    } catch (JsonProcessingException e) {
      throw new MalformedDocumentException(
          "Not JSON",
          file,
          offset,
          "reason=" + e.getOriginalMessage(),
          "Write one JSON object per line, or choose another documents mode");
    }
    if (!node.isObject()) {
      throw new MalformedDocumentException(
          "Not a JSON object",
          file,
          offset,
          "found=" + node.getNodeType(),
          "Write one JSON object per line");
    }
    return node;
  }

  /**
   * The text of a field.
   *
   * @param remedy what to do where it is missing
   */
  static String text(JsonNode object, String name, String file, long offset, String remedy) {
    JsonNode value = object.get(name);
    if (value == null || !value.isTextual()) {
      throw new MalformedDocumentException(
          value == null ? "JSON field missing" : "JSON field is not a string",
          file,
          offset,
          "jsonField=" + name + (value == null ? "" : " found=" + value.getNodeType()),
          remedy);
    }
    if (!StrictUtf8.encodable(value.textValue())) {
      throw new MalformedDocumentException(
          "JSON text is not Unicode",
          file,
          offset,
          "jsonField=" + name,
          "Remove the unpaired surrogate escape");
    }
    return value.textValue();
  }
}
