package io.shardfire.worker.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.OffsetAllocator;
import io.shardfire.kernels.ops.Dropout;
import io.shardfire.kernels.reference.DropoutReference;
import io.shardfire.sharding.layout.FlatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.worker.model.reference.DropoutFactors;
import io.shardfire.worker.model.reference.Gpt2Reference;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The recorded model against the double reference: error / max|gradient| of every tensor. */
class Gpt2Test {
  private static final double TOLERANCE = 1e-5;
  private static final long DROPOUT_KEY = 0x0123456789ABCDEFL;

  @Test
  void shouldMatchTheReferenceOnOddSizes() {
    assertMatches(new Gpt2Configuration(3, 3, 48, 37, 101, 0, 1e-5f), 2, 37);
  }

  @Test
  void shouldMatchTheReferenceWithDropout() {
    assertMatches(new Gpt2Configuration(3, 3, 48, 37, 101, 0.2f, 1e-5f), 2, 37);
  }

  @Test
  void shouldMatchTheReferenceBelowTheContext() {
    assertMatches(new Gpt2Configuration(2, 2, 64, 40, 64, 0.1f, 1e-5f), 3, 19);
  }

  @Test
  void shouldMatchTheReferenceWhenNoVectorDividesTheHeads() {
    assertMatches(new Gpt2Configuration(2, 3, 39, 23, 53, 0.1f, 1e-5f), 2, 23);
  }

  @Test
  void shouldMatchTheReferenceAtTheSmallestSizes() {
    assertMatches(new Gpt2Configuration(1, 1, 16, 3, 2, 0, 1e-5f), 1, 1);
  }

  @Test
  void shouldMatchTheReferenceWhenLogitsAreComputedInParts() {
    Gpt2Configuration model = new Gpt2Configuration(1, 2, 32, 16, 131_100, 0, 1e-5f);
    TestModel test = new TestModel(model, 17, 16);
    assertTrue(test.plan().logitsRows() < test.plan().rows());
    assertMatches(test, model, 17, 16);
  }

  @Test
  void shouldAccumulateGradients() {
    Gpt2Configuration model = new Gpt2Configuration(2, 3, 48, 21, 101, 0, 1e-5f);
    TestModel test = new TestModel(model, 2, 21);
    test.tokens(1);
    test.model().pass(false, 0.25f).run();
    float[] first = test.gradients();
    test.tokens(2);
    test.model().pass(false, 0.25f).run();
    float[] second = test.gradients();
    test.tokens(1);
    test.model().pass(false, 0.25f).run();
    test.tokens(2);
    test.model().pass(true, 0.25f).run();
    float[] sum = test.gradients();
    ShardLayout layout = test.layout();
    for (String name : test.names()) {
      FlatRange range = layout.tensor(name);
      double largest = 0;
      double error = 0;
      for (int i = range.offset(); i < range.end(); i++) {
        double expected = (double) first[i] + second[i];
        largest = Math.max(largest, Math.abs(expected));
        error = Math.max(error, Math.abs(expected - sum[i]));
      }
      assertTrue(error <= TOLERANCE * largest, name + " error " + error + " of " + largest);
    }
  }

  @Test
  void shouldComputeTheSameBitsWhenCutByUnit() {
    Gpt2Configuration model = new Gpt2Configuration(2, 3, 48, 21, 101, 0.1f, 1e-5f);
    TestModel test = new TestModel(model, 2, 21);
    test.tokens(1);
    test.model().pass(false, 0.25f).run();
    float[] whole = test.gradients();
    test.clearGradients();
    Gpt2.UnitPass parts = test.model().passByUnit(false, 0.25f);
    assertEquals(model.layers() + 2, parts.forward().size());
    parts.forward().forEach(CommandBuffer::run);
    for (int u = parts.backward().size() - 1; u >= 0; u--) {
      parts.backward().get(u).run();
      FlatRange unit = test.layout().unit(u);
      assertArrayEquals(
          Arrays.copyOfRange(whole, unit.offset(), unit.end()),
          Arrays.copyOfRange(test.gradients(), unit.offset(), unit.end()),
          parts.backward().get(u).name());
    }
  }

  @Test
  void shouldEvaluateWithoutDropoutAndWithoutTouchingGradients() {
    Gpt2Configuration model = new Gpt2Configuration(2, 2, 32, 9, 50, 0.5f, 1e-5f);
    TestModel test = new TestModel(model, 2, 9);
    test.tokens(1);
    test.model().evaluation().run();
    double[] expected =
        new Gpt2Reference(model, 2, 9, DropoutFactors.NONE)
            .backward(test.parameters(), test.ids(), test.targets(), 1)
            .losses();
    assertArrayEquals(expected, test.losses(), 1e-5);
    float[] gradients = test.gradients();
    FlatRange all = new FlatRange(test.layout().base(), test.layout().length());
    for (int i = all.offset(); i < all.end(); i++) {
      assertEquals(0, gradients[i]);
    }
  }

  @Test
  void shouldRefuseMoreTimeThanContext() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Gpt2Activations.plan(
                    new OffsetAllocator(), new Gpt2Configuration(1, 1, 16, 4, 5, 0, 1e-5f), 1, 5));
    assertTrue(e.getMessage().endsWith("batch=1, time=5, context=4"), e.getMessage());
  }

  private static void assertMatches(Gpt2Configuration model, int batch, int time) {
    assertMatches(new TestModel(model, batch, time), model, batch, time);
  }

  private static void assertMatches(TestModel test, Gpt2Configuration model, int batch, int time) {
    double scale = 1.0 / (batch * time);
    test.tokens(1);
    Dropout.writeKey(test.dropoutKey(), DROPOUT_KEY);
    test.model().pass(false, (float) scale).run();
    Gpt2Reference.Result expected =
        new Gpt2Reference(model, batch, time, factors(model.dropout()))
            .backward(test.parameters(), test.ids(), test.targets(), (float) scale);
    assertArrayEquals(expected.losses(), test.losses(), 2e-5);
    float[] gradients = test.gradients();
    Map<String, String> bad = new LinkedHashMap<>();
    for (Map.Entry<String, double[]> tensor : expected.gradients().entrySet()) {
      FlatRange range = test.layout().tensor(tensor.getKey());
      double largest = 0;
      double error = 0;
      for (int i = 0; i < range.length(); i++) {
        double value = tensor.getValue()[i];
        largest = Math.max(largest, Math.abs(value));
        error = Math.max(error, Math.abs(value - gradients[range.offset() + i]));
      }
      if (!(error <= TOLERANCE * largest)) {
        bad.put(tensor.getKey(), error + " of " + largest);
      }
    }
    assertEquals(Map.of(), bad);
  }

  private static DropoutFactors factors(float rate) {
    if (rate == 0) {
      return DropoutFactors.NONE;
    }
    return new DropoutFactors() {
      @Override
      public double element(int stream, long element) {
        return new DropoutReference(rate, DROPOUT_KEY, stream).factor(element);
      }

      @Override
      public double attention(int stream, long row, int key) {
        return new DropoutReference(rate, DROPOUT_KEY, stream).factor(row, key);
      }
    };
  }
}
