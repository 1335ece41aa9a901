package io.shardfire.worker.architecture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.shardfire.kernels.ops.Precision;
import io.shardfire.kernels.reference.HalfPrecisionReference;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.program.HalvedParameter;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.Operation;
import io.shardfire.worker.program.Parameter;
import io.shardfire.worker.program.ParameterFormat;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.Program;
import io.shardfire.worker.program.Stage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Models whose parameters are kept in bf16 beside the same in fp32 with parameters that were
 * rounded: not a bit differs.
 */
class RoundedModelTest {
  private static final ModelConfiguration DECODER =
      ModelConfiguration.decoder(2, 3, 48, 21).vocabularySize(101).dropout(0.1f).build();

  private static void assertSameAsRounded(ModelConfiguration model, Pass pass) {
    BatchForm form = ModelTest.oddForm(model);
    TestModel rounded = new TestModel(model, form, pass);
    rounded.load((layout, units) -> units.forEach(RoundedModelTest::round));
    TestModel halved = new TestModel(model, form, pass.withParameters(ParameterFormat.BF16));
    for (TestModel test : List.of(rounded, halved)) {
      test.tokens(1);
      test.evaluation().run();
    }
    assertArrayEquals(rounded.losses(), halved.losses());
    for (TestModel test : List.of(rounded, halved)) {
      test.pass(false).run();
      test.pass(true).run();
    }
    assertArrayEquals(rounded.losses(), halved.losses());
    assertArrayEquals(rounded.labelLosses(), halved.labelLosses());
    assertEquals(rounded.gradients().keySet(), halved.gradients().keySet());
    rounded
        .gradients()
        .forEach(
            (name, gradient) -> assertArrayEquals(gradient, halved.gradients().get(name), name));
    assertUnpackedOnce(rounded.training().stages(), halved.training().stages());
  }

  private static void round(FloatRange unit) {
    for (int i = unit.offset(); i < unit.offset() + unit.length(); i++) {
      unit.array()[i] = HalfPrecisionReference.BF16.round(unit.array()[i]);
    }
  }

  /**
   * A stage waits for the same units and reads the same tensors, each of them either unpacked,
   * once, or as it is.
   */
  private static void assertUnpackedOnce(List<Stage> plain, List<Stage> halved) {
    for (int i = 0; i < plain.size(); i++) {
      assertEquals(plain.get(i).reads(), halved.get(i).reads());
      Set<Operand> read = new HashSet<>();
      for (Operation operation : plain.get(i).operations()) {
        operation.reads().stream().filter(Parameter.class::isInstance).forEach(read::add);
      }
      List<Parameter> unpacked = new ArrayList<>();
      Set<Parameter> direct = new HashSet<>();
      for (Operation operation : halved.get(i).operations()) {
        for (Operand operand : operation.reads()) {
          assertFalse(operand instanceof Parameter, operation.name());
          if (operand instanceof HalvedParameter words) {
            (isUnpacking(operation) ? unpacked : direct).add(words.parameter());
          }
        }
      }
      Set<Parameter> all = new HashSet<>(direct);
      all.addAll(unpacked);
      assertEquals(direct.size() + unpacked.size(), all.size());
      assertEquals(read, all);
    }
  }

  private static boolean isUnpacking(Operation operation) {
    return operation.writes().get(0).name().endsWith(" unpacked");
  }

  /** Names of the tensors that are unpacked somewhere. */
  private static Set<String> unpacked(Program program) {
    Set<String> names = new TreeSet<>();
    for (Operation operation : program.operations()) {
      if (isUnpacking(operation)
          && operation.reads().get(0) instanceof HalvedParameter words
          && operation.reads().size() == 1) {
        names.add(words.parameter().name());
      }
    }
    return names;
  }

  private static Pass pass(ModelConfiguration model) {
    return Pass.training(2, ModelTest.oddForm(model).time(), 1f / 38);
  }

  @ParameterizedTest
  @MethodSource({
    "io.shardfire.worker.architecture.ModelTest#compositions",
    "io.shardfire.worker.architecture.ModelTest#kinds"
  })
  void shouldComputeAsWithRoundedParameters(ModelConfiguration model) {
    assertSameAsRounded(model, pass(model));
    assertSameAsRounded(
        model, pass(model).withRecomputedBlocks(true).withActivations(ActivationFormat.BF16));
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void shouldComputeAlikeInEveryPrecision(Precision precision) {
    assertSameAsRounded(DECODER, pass(DECODER).withPrecision(precision));
  }

  /** But positions, of which there are few, everything that is unpacked is a vector. */
  @ParameterizedTest
  @EnumSource(Precision.class)
  void shouldUnpackNoMatrixOfProductsNorTheTokens(Precision precision) {
    Program program =
        new TestModel(
                DECODER,
                ModelTest.oddForm(DECODER),
                pass(DECODER).withPrecision(precision).withParameters(ParameterFormat.BF16))
            .training();
    Set<String> expected = new TreeSet<>();
    for (Parameter parameter : program.parameters()) {
      if (parameter.tensor().shape().size() == 1
          || parameter.name().equals("transformer.wpe.weight")) {
        expected.add(parameter.name());
      }
    }
    assertEquals(expected, unpacked(program));
  }
}
