package io.shardfire.worker.architecture;

import com.fasterxml.jackson.databind.JsonNode;

/** Typed access to the keys of a {@code config.json}, with errors that name key and value. */
record ConfigurationKeys(JsonNode root) {
  boolean has(String key) {
    return root.hasNonNull(key);
  }

  /** The keys of an object within; none when it is not there. */
  ConfigurationKeys inside(String key) {
    return new ConfigurationKeys(root.path(key));
  }

  int integer(String key) {
    JsonNode value = root.path(key);
    if (!value.isInt()) {
      throw new IllegalArgumentException(
          ConfigurationFile.NAME
              + " must hold a whole number under "
              + key
              + ": "
              + key
              + "="
              + value);
    }
    return value.asInt();
  }

  int integer(String key, int absent) {
    return has(key) ? integer(key) : absent;
  }

  float real(String key, double absent) {
    return (float) root.path(key).asDouble(absent);
  }

  boolean truth(String key, boolean absent) {
    return root.path(key).asBoolean(absent);
  }

  String text(String key, String absent) {
    return root.path(key).asText(absent);
  }

  void requireAbsentOr(String key, String expected) {
    if (has(key) && !root.path(key).asText().equals(expected)) {
      throw unsupported(key, root.path(key).asText(), expected);
    }
  }

  static IllegalArgumentException unsupported(String key, String value, String expected) {
    return new IllegalArgumentException(
        ConfigurationFile.NAME
            + " describes a model that is not supported: "
            + key
            + "="
            + value
            + ", supported="
            + expected);
  }
}
