package io.shardfire.worker.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** How a family's {@code config.json} describes a model. */
interface ConfigurationFormat {
  /** Value of {@code model_type}. */
  String modelType();

  /** Value of {@code architectures}: the class that Hugging Face's library loads. */
  String architecture(ModelConfiguration model);

  /** Adds the keys of the family. */
  void write(ModelConfiguration model, ObjectNode root);

  /**
   * The model.
   *
   * @throws IllegalArgumentException naming the key and value that is not supported
   */
  ModelConfiguration read(ConfigurationKeys keys);
}
