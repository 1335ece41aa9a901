package io.shardfire.worker.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.sharding.checkpoint.ModelFolder;
import io.shardfire.worker.architecture.ConfigurationFile;
import io.shardfire.worker.architecture.Family;
import io.shardfire.worker.architecture.ModelConfiguration;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Models that Hugging Face's transformers wrote, and the logits it computed with them: see
 * integration-tests/parity/transformers_fixtures.py.
 */
class HuggingFaceParityTest {
  private static final double TOLERANCE = 1e-4;

  @ParameterizedTest
  @ValueSource(
      strings = {"gpt2", "gpt2-inner", "llama", "llama-multi-head", "llama-multi-query-tied"})
  void shouldComputeTheLogitsOfTransformers(String name) throws IOException, URISyntaxException {
    URI place =
        Objects.requireNonNull(getClass().getResource("/huggingface/" + name), name).toURI();
    try (ModelFolder folder = ModelFolder.open(new Configuration(false), new Path(place))) {
      ModelConfiguration model = ConfigurationFile.read(folder.document(ConfigurationFile.NAME));
      assertEquals(name.startsWith("gpt2") ? Family.GPT2 : Family.LLAMA, Family.of(model));
      JsonNode expected = new ObjectMapper().readTree(folder.document("expected.json"));
      Decoder decoder =
          Decoder.create(
              model,
              1,
              ComputeContext.open(ComputeDevice.select("cpu")),
              new ModelWeights(folder, name)::read);
      int vocabulary = model.vocabularySize();
      int tokens = expected.path("ids").size();
      assertTrue(tokens > 10, name);
      double loss = 0;
      for (int position = 0; position < tokens; position++) {
        decoder.step(new int[] {expected.path("ids").path(position).asInt()});
        double sum = 0;
        for (int id = 0; id < vocabulary; id++) {
          double logit = decoder.logits()[decoder.logitsOffset(0) + id];
          assertEquals(
              expected.path("logits").path(position * vocabulary + id).asDouble(),
              logit,
              TOLERANCE,
              "position=" + position + ", id=" + id);
          sum += Math.exp(logit);
        }
        if (position + 1 < tokens) {
          int next = expected.path("ids").path(position + 1).asInt();
          loss += Math.log(sum) - decoder.logits()[decoder.logitsOffset(0) + next];
        }
      }
      assertEquals(expected.path("loss").asDouble(), loss / (tokens - 1), TOLERANCE);
    }
  }
}
