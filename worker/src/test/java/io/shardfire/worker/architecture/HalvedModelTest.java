package io.shardfire.worker.architecture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.ops.Activation.Function;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.program.Operation;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.Program;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Models whose activations are kept in bf16, beside themselves with activations in fp32. */
class HalvedModelTest {
  private static final double TOLERANCE = 0.05;

  /** What is computed once more from a rounded input may be on the other side of ReLU's edge. */
  private static final double OVER_THE_EDGE = 0.3;

  /** What modules call the values that may be rounded, statistics and tables not among them. */
  private static final Set<String> ROUNDED =
      Set.of("output", "activated", "attended", "sum", "qkv", "kv", "hidden", "before", "kept");

  private static TestModel odd(ModelConfiguration model, ActivationFormat format, boolean again) {
    return run(
        new TestModel(
            model,
            ModelTest.oddForm(model),
            Pass.training(2, ModelTest.oddForm(model).time(), 1f / 38)
                .withRecomputedBlocks(again)
                .withActivations(format)));
  }

  private static TestModel run(TestModel test) {
    test.tokens(1);
    test.pass(false).run();
    return test;
  }

  @ParameterizedTest
  @MethodSource({
    "io.shardfire.worker.architecture.ModelTest#compositions",
    "io.shardfire.worker.architecture.ModelTest#kinds"
  })
  void shouldRoundActivationsAlone(ModelConfiguration model) {
    TestModel exact = odd(model, ActivationFormat.FP32, false);
    Map<String, double[]> expected = doubles(exact.gradients());
    for (boolean recomputes : new boolean[] {false, true}) {
      TestModel halved = odd(model, ActivationFormat.BF16, recomputes);
      // The forward pass is the one of fp32.
      assertArrayEquals(exact.losses(), halved.losses());
      assertArrayEquals(exact.labelLosses(), halved.labelLosses());
      ModelTest.assertClose(
          expected,
          halved.gradients(),
          recomputes && model.activation() == Function.RELU ? OVER_THE_EDGE : TOLERANCE);
      assertFalse(packed(halved.training()).isEmpty());
      assertTrue(
          ROUNDED.containsAll(packed(halved.training())), packed(halved.training()).toString());
    }
  }

  /** Products that round their operands to bf16 anyway get the same ones. */
  @Test
  void shouldKeepTheBitsOfProductsInBf16() {
    List<String> always =
        List.of("feedForwardNorm.bias", "feedForward.expand.bias", "feedForward.contract.bias");
    List<String> rounded = List.of("feedForward.expand.weight", "feedForward.contract.weight");
    Set<String> same = same(Precision.FP32);
    assertEquals(names(always), same);
    same = same(Precision.BF16);
    same.removeAll(names(always));
    assertEquals(names(rounded), same);
  }

  /** Tensors of the blocks whose gradients do not change when activations are halved. */
  private static Set<String> same(Precision precision) {
    // What ReLU lets through, the rounded input tells as well.
    ModelConfiguration model =
        ModelConfiguration.decoder(2, 3, 48, 21)
            .vocabularySize(101)
            .activation(Function.RELU)
            .build();
    Pass pass = Pass.training(2, 21, 1f / 42).withPrecision(precision);
    Map<String, float[]> exact = run(new TestModel(model, pass)).gradients();
    Map<String, float[]> halved =
        run(new TestModel(model, pass.withActivations(ActivationFormat.BF16))).gradients();
    return exact.keySet().stream()
        .filter(name -> name.startsWith("block-"))
        .filter(name -> Arrays.equals(exact.get(name), halved.get(name)))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * Of the last block: in those before it gradients have passed through a norm of what is rounded.
   */
  private static Set<String> names(List<String> tensors) {
    return tensors.stream().map(name -> "block-1." + name).collect(Collectors.toSet());
  }

  private static Map<String, double[]> doubles(Map<String, float[]> tensors) {
    return tensors.entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                tensor -> {
                  double[] values = new double[tensor.getValue().length];
                  Arrays.setAll(values, i -> tensor.getValue()[i]);
                  return values;
                }));
  }

  /** Last words of the names of what is packed. */
  private static Set<String> packed(Program program) {
    return program.operations().stream()
        .map(Operation::name)
        .filter(name -> name.endsWith(" packed"))
        .map(name -> name.substring(0, name.length() - " packed".length()))
        .map(name -> name.substring(name.lastIndexOf(' ') + 1))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
