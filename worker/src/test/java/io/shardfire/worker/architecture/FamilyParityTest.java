package io.shardfire.worker.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.sharding.checkpoint.ModelFolder;
import io.shardfire.sharding.checkpoint.SafetensorsWriter;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.generate.ModelWeights;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.UnitArrays;
import io.shardfire.worker.program.Value;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Encoders and encoder-decoders that Hugging Face's transformers wrote, and what it computed with
 * them: see integration-tests/parity/transformers_fixtures.py. The logits are the double
 * reference's, the losses those of the recorded model.
 */
class FamilyParityTest {
  private static final double TOLERANCE = 1e-4;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final Map<String, Family> FAMILIES =
      Map.of(
          "bert", Family.BERT,
          "bert-sentences", Family.BERT,
          "t5", Family.T5,
          "t5-gated", Family.T5_GATED,
          "t5-untied", Family.T5_GATED,
          "marian", Family.MARIAN,
          "marian-unscaled", Family.MARIAN);

  @ParameterizedTest
  @CsvSource({"bert", "bert-sentences", "t5", "t5-gated", "t5-untied", "marian", "marian-unscaled"})
  void shouldComputeWhatTransformersDoes(String name) throws IOException, URISyntaxException {
    Path place =
        Path.of(Objects.requireNonNull(getClass().getResource("/huggingface/" + name)).toURI());
    try (ModelFolder folder = open(place)) {
      ModelConfiguration model = ConfigurationFile.read(folder.document(ConfigurationFile.NAME));
      assertEquals(FAMILIES.get(name), Family.of(model));
      JsonNode expected = MAPPER.readTree(folder.document("expected.json"));
      TestModel test = testModel(model, expected);
      test.load(new ModelWeights(folder, name)::read);
      read(test, expected);
      assertComputes(test, expected);

      // And under the names and keys that it would write itself.
      assertEquals(
          model, ConfigurationFile.read(ConfigurationFile.write(model, OptionalInt.of(1))));
      Path ours = Files.createDirectories(Path.of("target", "families", name));
      write(ours, model, test);
      Files.copy(
          place.resolve("expected.json"),
          ours.resolve("expected.json"),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      try (ModelFolder again = open(ours)) {
        TestModel second = testModel(model, expected);
        second.load(new ModelWeights(again, name)::read);
        read(second, expected);
        assertComputes(second, expected);
      }
    }
  }

  private static ModelFolder open(Path place) {
    return ModelFolder.open(new Configuration(false), new org.apache.hadoop.fs.Path(place.toUri()));
  }

  private static TestModel testModel(ModelConfiguration model, JsonNode expected) {
    int time = expected.path("labels").size();
    BatchForm form =
        new BatchForm(
            1,
            time,
            model.hasSource() ? expected.path("input_ids").size() : 0,
            false,
            model.kind() == ModelConfiguration.Kind.ENCODER,
            model.segments() > 0,
            model.sentenceHead());
    return new TestModel(model, form, Pass.training(1, time, 1f / time));
  }

  /** Writes what the library read into the batch. */
  private static void read(TestModel test, JsonNode expected) {
    TokenBatch batch = test.batch();
    boolean hasSource = batch.sourceIds() != null;
    fill(test, hasSource ? batch.sourceIds() : batch.ids(), expected.path("input_ids"));
    fill(test, batch.ids(), expected.path(hasSource ? "decoder_input_ids" : "input_ids"));
    fill(test, batch.targets(), expected.path("labels"));
    fill(test, batch.segments(), expected.path("token_type_ids"));
    fill(test, batch.labels(), expected.path("next_sentence_label"));
    int seen = 0;
    for (JsonNode one : expected.path("attention_mask")) {
      seen += one.asInt();
    }
    int end = seen;
    for (TokenBatch.Interval interval :
        Arrays.asList(batch.visible(), batch.sourceVisible(), batch.crossVisible())) {
      if (interval != null) {
        test.fill(interval.first(), i -> 0);
        test.fill(interval.end(), i -> end);
      }
    }
  }

  private static void fill(TestModel test, Value field, JsonNode content) {
    test.fill(field, i -> content.path(i).asInt());
  }

  private static void assertComputes(TestModel test, JsonNode expected) {
    TestModel.Expected reference = test.expected(false);
    assertClose(expected.path("logits"), reference.logits().tokens().values());
    if (reference.logits().sentences() != null) {
      assertClose(expected.path("sentence_logits"), reference.logits().sentences().values());
    }
    test.evaluation().run();
    int counted = 0;
    for (JsonNode target : expected.path("labels")) {
      counted += target.asInt() < 0 ? 0 : 1;
    }
    double loss =
        Arrays.stream(test.losses()).sum() / counted
            + Arrays.stream(test.labelLosses()).sum() / expected.path("labels").size();
    assertEquals(expected.path("loss").asDouble(), loss, TOLERANCE);
  }

  private static void assertClose(JsonNode expected, double[] actual) {
    assertTrue(expected.size() > 0);
    assertEquals(expected.size(), actual.length);
    for (int i = 0; i < actual.length; i++) {
      assertEquals(expected.path(i).asDouble(), actual[i], TOLERANCE, "logit " + i);
    }
  }

  /** A model folder as a checkpoint has it. */
  private static void write(Path target, ModelConfiguration model, TestModel test)
      throws IOException {
    Files.writeString(
        target.resolve(ConfigurationFile.NAME),
        ConfigurationFile.write(model, OptionalInt.empty()));
    List<FloatRange> units = test.recorder().parameters().onHost();
    List<TensorSpec> tensors = new ArrayList<>();
    for (UnitSpec unit : test.layout().units()) {
      tensors.addAll(unit.tensors());
    }
    try (OutputStream out = Files.newOutputStream(target.resolve("model.safetensors"))) {
      SafetensorsWriter writer =
          SafetensorsWriter.create(
              out,
              tensors.stream()
                  .map(
                      tensor ->
                          new SafetensorsWriter.Tensor(
                              tensor.name(),
                              tensor.shape().stream().map(Integer::longValue).toList()))
                  .toList(),
              new TreeMap<>());
      for (TensorSpec tensor : tensors) {
        FloatRange range = UnitArrays.tensor(test.layout(), units, tensor.name());
        writer.write(range.array(), range.offset(), range.length());
      }
      writer.finish();
    }
  }
}
