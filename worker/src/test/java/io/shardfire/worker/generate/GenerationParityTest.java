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
import io.shardfire.worker.architecture.ModelConfiguration;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What Hugging Face's transformers generated with a model: see
 * integration-tests/parity/transformers_fixtures.py.
 */
class GenerationParityTest {
  private static final int MOST_BEAMS = 5;

  private static JsonNode expected;
  private static Decoder decoder;

  @BeforeAll
  static void load() throws IOException, URISyntaxException {
    Path place =
        new Path(
            Objects.requireNonNull(GenerationParityTest.class.getResource("/huggingface/gpt2"))
                .toURI());
    try (ModelFolder folder = ModelFolder.open(new Configuration(false), place)) {
      expected = new ObjectMapper().readTree(folder.document("generation.json"));
      ModelConfiguration model = ConfigurationFile.read(folder.document(ConfigurationFile.NAME));
      decoder =
          Decoder.create(
              model,
              MOST_BEAMS,
              ComputeContext.open(ComputeDevice.select("cpu")),
              WeightFormat.FP32,
              new ModelWeights(folder, "gpt2")::read);
    }
  }

  @Test
  void shouldPenaliseRepetitionsAsTransformersDo() {
    assertEquals(8, expected.path("greedy").size());
    for (JsonNode run : expected.path("greedy")) {
      int[] prompt = integers(run.path("prompt"));
      double penalty = run.path("repetitionPenalty").asDouble();
      TokenSampler sampler =
          new TokenSampler(new Sampling(0, 0, 1, 0, penalty), 1, decoder.vocabularySize(), prompt);
      TokenHistory history = new TokenHistory(prompt);
      history.begin(decoder, 0);
      int[] next = new int[MOST_BEAMS];
      Arrays.fill(next, DecodingSession.IDLE);
      for (int i = 0; i < run.path("tokens").size(); i++) {
        next[0] = history.last();
        decoder.step(next);
        history.append(sampler.draw(decoder.logits(), decoder.logitsOffset(0)));
      }
      assertEquals(list(integers(run.path("tokens"))), list(history.generated()), run.toString());
    }
  }

  @Test
  void shouldSearchWithBeamsAsTransformersDo() {
    assertEquals(24, expected.path("beams").size());
    for (JsonNode run : expected.path("beams")) {
      Beams beams =
          new Beams(
              run.path("beams").asInt(),
              run.path("lengthPenalty").asDouble(),
              run.path("repetitionPenalty").asDouble());
      int end = run.path("end").asInt();
      List<BeamSearch.Hypothesis> found =
          new BeamSearch(
                  decoder,
                  new ContextWindow(decoder, notice -> {}),
                  beams,
                  decoder.vocabularySize(),
                  10,
                  history -> history.last() == end)
              .search(integers(run.path("prompt")));
      for (int rank = 0; rank < 2; rank++) {
        assertEquals(
            list(integers(run.path("sequences").path(rank))),
            list(found.get(rank).history().generated()),
            "rank=" + rank + ", run=" + run);
        double score = run.path("scores").path(rank).asDouble();
        assertEquals(score, found.get(rank).score(), 1e-4 * Math.max(1, Math.abs(score)));
      }
    }
  }

  @Test
  void shouldFilterAsTransformersDo() {
    assertTrue(expected.path("filters").size() > 4);
    for (JsonNode run : expected.path("filters")) {
      double[] logits =
          StreamSupport.stream(run.path("logits").spliterator(), false)
              .mapToDouble(JsonNode::asDouble)
              .toArray();
      Candidates candidates = new Candidates(logits.length);
      candidates.fill(
          new Sampling(
              run.path("temperature").asDouble(),
              run.path("topK").asInt(),
              run.path("topP").asDouble(),
              run.path("minP").asDouble(),
              1),
          logits);
      double sum = 0;
      for (int i = 0; i < candidates.count(); i++) {
        sum += candidates.weight(i);
      }
      double[] probabilities = new double[logits.length];
      for (int i = 0; i < candidates.count(); i++) {
        probabilities[candidates.id(i)] = candidates.weight(i) / sum;
      }
      for (int id = 0; id < logits.length; id++) {
        double probability = run.path("probabilities").path(id).asDouble();
        assertEquals(probability, probabilities[id], 1e-5, "id=" + id + ", run=" + run);
        assertEquals(probability == 0, probabilities[id] == 0, "id=" + id + ", run=" + run);
      }
    }
  }

  private static int[] integers(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  private static List<Integer> list(int... values) {
    return Arrays.stream(values).boxed().toList();
  }
}
