package io.shardfire.worker.architecture;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.shardfire.kernels.ops.Precision;
import io.shardfire.worker.architecture.ModelConfiguration.HeadKind;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.program.Pass;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Models whose products have operands in bf16, against a double reference that rounds the same
 * operands, gradients among them.
 *
 * <p>What fp32 computes of an operand differs from the reference by a few units in the last place,
 * which can decide to which of two bf16 numbers it is rounded; what follows then differs by as much
 * as bf16 does. Batches are therefore drawn until no operand is that close to a middle, and for
 * such a batch the errors are those of fp32.
 */
class Bf16ModelTest {
  private static final double NEAR = 1e-5;
  private static final int DRAWS = 2000;
  private static final int SOURCE = 2;

  /** Small, so that few operands are drawn. */
  private static ModelBuilder small() {
    return ModelConfiguration.decoder(1, 1, 9, 4).vocabularySize(7);
  }

  static Stream<Named<ModelConfiguration>> models() {
    ModelBuilder llama = Family.LLAMA.form(ModelConfiguration.decoder(1, 2, 16, 3));
    return Stream.of(
        Named.of("gpt-2", small().build()),
        Named.of("llama", llama.keyValueHeads(1).vocabularySize(7).build()),
        Named.of(
            "encoder",
            small()
                .kind(Kind.ENCODER)
                .head(HeadKind.TRANSFORMED)
                .sentenceHead(true)
                .tiedEmbeddings(false)
                .build()),
        Named.of(
            "encoder-decoder",
            small().kind(Kind.ENCODER_DECODER).encoderLayers(1).sourceContext(SOURCE).build()));
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldMatchTheRoundingReference(ModelConfiguration model) {
    requireMatch(model, Precision.BF16, NEAR);
  }

  static void requireMatch(ModelConfiguration model, Precision precision, double near) {
    BatchForm form = Architecture.form(model, 1);
    Pass pass = Pass.training(1, form.time(), 1f / form.time()).withPrecision(precision);
    TestModel test = new TestModel(model, form, pass);
    TestModel.Expected expected = null;
    for (int draw = 1; draw <= DRAWS && expected == null; draw++) {
      test.tokens(draw);
      expected = test.expected(true, near);
    }
    assertNotNull(expected, "every batch had an operand close to a middle");
    test.pass(false).run();
    ModelTest.assertMatches(test, expected);
  }
}
