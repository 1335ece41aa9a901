package io.shardfire.worker.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.ops.WeightFormat;
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
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Decoders that Hugging Face's transformers or PyTorch wrote, and the logits they computed: see
 * transformers_fixtures.py and recurrent_fixtures.py of integration-tests/parity.
 */
class DecoderParityTest {
  private static final double TOLERANCE = 1e-4;

  @ParameterizedTest
  @CsvSource({
    "huggingface/gpt2, GPT-2",
    "huggingface/gpt2-inner, GPT-2",
    "huggingface/llama, Llama",
    "huggingface/llama-multi-head, Llama",
    "huggingface/llama-multi-query-tied, Llama",
    "pytorch/rnn, RNN",
    "pytorch/rnn-unbiased, RNN",
    "pytorch/lstm, LSTM",
    "pytorch/lstm-unbiased, LSTM",
    "pytorch/gru, GRU",
    "pytorch/gru-unbiased, GRU"
  })
  void shouldComputeTheLogitsOfTheLibrary(String name, String family)
      throws IOException, URISyntaxException {
    URI place = Objects.requireNonNull(getClass().getResource("/" + name), name).toURI();
    try (ModelFolder folder = ModelFolder.open(new Configuration(false), new Path(place))) {
      ModelConfiguration model = ConfigurationFile.read(folder.document(ConfigurationFile.NAME));
      assertEquals(family, Family.of(model).title());
      JsonNode expected = new ObjectMapper().readTree(folder.document("expected.json"));
      Decoder decoder =
          Decoder.create(
              model,
              1,
              ComputeContext.open(ComputeDevice.select("cpu")),
              WeightFormat.FP32,
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
