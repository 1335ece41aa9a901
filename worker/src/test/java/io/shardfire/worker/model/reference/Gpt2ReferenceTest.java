package io.shardfire.worker.model.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.model.CounterRandom;
import io.shardfire.worker.model.Gpt2Configuration;
import io.shardfire.worker.model.Gpt2Parameters;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class Gpt2ReferenceTest {
  private static final int BATCH = 2;
  private static final int TIME = 5;
  private static final Gpt2Configuration MODEL = new Gpt2Configuration(2, 2, 16, 7, 11, 0, 1e-5f);

  @Test
  void shouldMatchFiniteDifferences() {
    assertGradients(DropoutFactors.NONE);
  }

  @Test
  void shouldMatchFiniteDifferencesWithDropout() {
    assertGradients(
        new DropoutFactors() {
          @Override
          public double element(int stream, long element) {
            return CounterRandom.uniform(stream, element) < 0.3 ? 0 : 1 / 0.7;
          }

          @Override
          public double attention(int stream, long row, int key) {
            return element(stream, row * 100 + key);
          }
        });
  }

  @Test
  void shouldPredictUniformlyFromZeroWeights() {
    Map<String, double[]> parameters = parameters();
    parameters.values().forEach(tensor -> Arrays.fill(tensor, 0));
    Gpt2Reference reference = new Gpt2Reference(MODEL, BATCH, TIME, DropoutFactors.NONE);
    double[] losses = reference.backward(parameters, tokens(1), tokens(2), 1).losses();
    for (double loss : losses) {
      assertEquals(Math.log(MODEL.vocabularySize()), loss, 1e-12);
    }
  }

  private static void assertGradients(DropoutFactors dropout) {
    Gpt2Reference reference = new Gpt2Reference(MODEL, BATCH, TIME, dropout);
    Map<String, double[]> parameters = parameters();
    int[] ids = tokens(1);
    int[] targets = tokens(2);
    double scale = 0.1;
    Map<String, double[]> gradients =
        reference.backward(parameters, ids, targets, scale).gradients();
    for (Map.Entry<String, double[]> tensor : parameters.entrySet()) {
      double[] values = tensor.getValue();
      double[] gradient = gradients.get(tensor.getKey());
      for (int i = 0; i < values.length; i += Math.max(1, values.length / 7)) {
        double step = 1e-5;
        double value = values[i];
        values[i] = value + step;
        double above = sum(reference.backward(parameters, ids, targets, scale).losses());
        values[i] = value - step;
        double below = sum(reference.backward(parameters, ids, targets, scale).losses());
        values[i] = value;
        double expected = scale * (above - below) / (2 * step);
        assertTrue(
            Math.abs(expected - gradient[i]) < 1e-8,
            tensor.getKey() + "[" + i + "] " + gradient[i] + " expected " + expected);
      }
    }
  }

  private static double sum(double[] losses) {
    double sum = 0;
    for (double loss : losses) {
      sum += loss;
    }
    return sum;
  }

  private static Map<String, double[]> parameters() {
    Map<String, double[]> parameters = new LinkedHashMap<>();
    for (UnitSpec unit : Gpt2Parameters.units(MODEL)) {
      for (TensorSpec tensor : unit.tensors()) {
        double[] values = new double[(int) tensor.elements()];
        for (int i = 0; i < values.length; i++) {
          double centre = tensor.name().matches(".*ln_\\w\\.weight") ? 1 : 0;
          long key = CounterRandom.mix(3, tensor.name());
          values[i] = centre + 0.4 * (CounterRandom.uniform(key, i) - 0.5);
        }
        parameters.put(tensor.name(), values);
      }
    }
    return parameters;
  }

  private static int[] tokens(long key) {
    int[] ids = new int[BATCH * TIME];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (int) (CounterRandom.uniform(key, i) * MODEL.vocabularySize());
    }
    return ids;
  }
}
