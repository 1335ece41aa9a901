package io.shardfire.worker.architecture;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardfire.worker.architecture.ModelConfiguration.CellKind;

/** The keys of our own configuration, for compositions that no published family has. */
final class OwnFormat implements ConfigurationFormat {
  private static final String MODEL = "model";
  private static final String CELL = "cell";
  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES);

  @Override
  public String modelType() {
    return "shardfire";
  }

  @Override
  public String architecture(ModelConfiguration model) {
    return switch (model.kind()) {
      case DECODER -> "ShardfireForCausalLM";
      case ENCODER -> "ShardfireForMaskedLM";
      case ENCODER_DECODER -> "ShardfireForConditionalGeneration";
    };
  }

  @Override
  public void write(ModelConfiguration model, ObjectNode root) {
    root.set(MODEL, MAPPER.valueToTree(model));
  }

  @Override
  public ModelConfiguration read(ConfigurationKeys keys) {
    try {
      JsonNode model = keys.root().path(MODEL).deepCopy();
      if (model instanceof ObjectNode values && !values.has(CELL)) {
        // Written before there were recurrent layers.
        values.put(CELL, CellKind.NONE.name());
      }
      return MAPPER.treeToValue(model, ModelConfiguration.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          ConfigurationFile.NAME + " does not describe a model: " + e.getOriginalMessage(), e);
    }
  }
}
