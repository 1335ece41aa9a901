package io.shardfire.kernels.reference;

import static io.shardfire.kernels.reference.FiniteDifferences.assertGradient;
import static io.shardfire.kernels.reference.FiniteDifferences.values;

import io.shardfire.kernels.reference.RecurrenceReference.Gradients;
import io.shardfire.kernels.reference.RecurrenceReference.Layer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Gradients against central differences. */
class RecurrenceGradientTest {
  @ParameterizedTest
  @EnumSource
  void shouldDifferentiate(RecurrenceReference cell) {
    int batch = 2;
    int time = 4;
    int width = 3;
    int gates = cell.gates() * width;
    boolean[] begins = {true, false, false, false, true, false, true, false};
    double[] input = values(1, batch * time * gates);
    double[] weight = values(2, gates * width);
    double[] bias = values(3, gates);
    double[] dhidden = values(4, batch * time * width);
    Layer layer = new Layer(batch, time, width, input, weight, bias, begins, null, null);
    Gradients gradients = cell.backward(layer, dhidden);
    // The arrays of the layer are those that are varied.
    assertGradient(gradients.input(), input, dhidden, x -> cell.forward(layer).hidden());
    assertGradient(gradients.weight(), weight, dhidden, x -> cell.forward(layer).hidden());
    assertGradient(gradients.bias(), bias, dhidden, x -> cell.forward(layer).hidden());
  }
}
