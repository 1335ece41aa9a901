package io.shardfire.worker.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.nn.LanguageModel;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.program.Parameter;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.random.CounterRandom;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The gradients of the tape against finite differences, through a whole model. */
class ReferenceTest {
  private static final int BATCH = 2;
  private static final int TIME = 5;
  private static final Pass PASS = Pass.training(BATCH, TIME, 0.1f);

  @Test
  void shouldMatchFiniteDifferences() {
    assertGradients(model(0), DropoutFactors.NONE);
  }

  @Test
  void shouldMatchFiniteDifferencesWithDropout() {
    assertGradients(
        model(0.3f),
        new DropoutFactors() {
          @Override
          public double element(int site, float rate, long element) {
            return CounterRandom.uniform(site, element) < rate ? 0 : 1 / (1 - rate);
          }

          @Override
          public double attention(int site, float rate, long row, int key) {
            return element(site, rate, row * 100 + key);
          }
        });
  }

  @Test
  void shouldPredictUniformlyFromZeroWeights() {
    LanguageModel model = model(0);
    Map<String, double[]> parameters = parameters(model);
    parameters.values().forEach(tensor -> Arrays.fill(tensor, 0));
    for (double loss : losses(run(model, parameters, DropoutFactors.NONE)).values()) {
      assertEquals(Math.log(model.head().vocabularySize()), loss, 1e-12);
    }
  }

  private static LanguageModel model(float dropout) {
    return Architecture.of(
        ModelConfiguration.decoder(2, 2, 16, 7).vocabularySize(11).dropout(dropout).build(),
        TokenBatch.of(BATCH, TIME));
  }

  private record Run(LanguageModel model, Reference reference) {}

  private static Run run(
      LanguageModel model, Map<String, double[]> parameters, DropoutFactors dropout) {
    return new Run(model, new Reference(PASS, model.published(), parameters, dropout));
  }

  private static Tensor losses(Run run) {
    int vocabulary = run.model().head().vocabularySize();
    Tensor logits = run.model().reference(run.reference(), tokens(1, vocabulary));
    return run.reference().tape().crossEntropy(logits, tokens(2, vocabulary));
  }

  private static void assertGradients(LanguageModel model, DropoutFactors dropout) {
    Map<String, double[]> parameters = parameters(model);
    double scale = 0.1;
    Run run = run(model, parameters, dropout);
    run.reference().tape().differentiate(losses(run), scale);
    Map<String, double[]> gradients = run.reference().gradients();
    assertEquals(parameters.keySet(), gradients.keySet());
    for (Map.Entry<String, double[]> tensor : parameters.entrySet()) {
      double[] values = tensor.getValue();
      double[] gradient = gradients.get(tensor.getKey());
      for (int i = 0; i < values.length; i += Math.max(1, values.length / 7)) {
        double step = 1e-5;
        double value = values[i];
        values[i] = value + step;
        double above = sum(losses(run(model, parameters, dropout)));
        values[i] = value - step;
        double below = sum(losses(run(model, parameters, dropout)));
        values[i] = value;
        double expected = scale * (above - below) / (2 * step);
        assertTrue(
            Math.abs(expected - gradient[i]) < 1e-8,
            tensor.getKey() + "[" + i + "] " + gradient[i] + " expected " + expected);
      }
    }
  }

  private static double sum(Tensor losses) {
    return Arrays.stream(losses.values()).sum();
  }

  private static Map<String, double[]> parameters(LanguageModel model) {
    Map<String, double[]> parameters = new LinkedHashMap<>();
    for (Parameter parameter : model.record(PASS).parameters()) {
      double[] values = new double[(int) parameter.tensor().elements()];
      for (int i = 0; i < values.length; i++) {
        double centre = parameter.name().matches(".*ln_\\w\\.weight") ? 1 : 0;
        long key = CounterRandom.mix(3, parameter.name());
        values[i] = centre + 0.4 * (CounterRandom.uniform(key, i) - 0.5);
      }
      parameters.put(parameter.name(), values);
    }
    return parameters;
  }

  private static int[] tokens(long key, int vocabulary) {
    int[] ids = new int[BATCH * TIME];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (int) (CounterRandom.uniform(key, i) * vocabulary);
    }
    return ids;
  }
}
