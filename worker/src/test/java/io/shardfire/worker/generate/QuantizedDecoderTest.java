package io.shardfire.worker.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.PageAllocator;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.kernels.ops.WeightFormat;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.program.QuantizedParameter;
import io.shardfire.worker.program.QuantizedPlacement;
import io.shardfire.worker.random.CounterRandom;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Decoders with quantised weights beside decoders in fp32 that have the weights which levels and
 * scales stand for: they differ by rounding alone.
 */
class QuantizedDecoderTest {
  private static final int VOCABULARY = DecodedLogits.VOCABULARY;
  private static final List<WeightFormat> FORMATS = List.of(WeightFormat.INT8, WeightFormat.INT4);

  /** Products round the rows of a few tokens to 16 bits; the largest difference seen is 2.4e-4. */
  private static final double TOLERANCE = 5e-4;

  private static ComputeContext compute;

  @BeforeAll
  static void openDevice() {
    compute = ComputeContext.open(ComputeDevice.select("cpu"));
  }

  static Stream<Arguments> decoders() {
    return DecoderTest.models()
        .flatMap(model -> FORMATS.stream().map(format -> Arguments.of(model, format)));
  }

  static Stream<Arguments> decodersBesideASource() {
    return SourceDecodingTest.models()
        .map(Named::getPayload)
        .flatMap(model -> FORMATS.stream().map(format -> Arguments.of(model, format)));
  }

  private static ModelConfiguration gpt2() {
    return ModelConfiguration.decoder(2, 3, 48, 64).vocabularySize(VOCABULARY).build();
  }

  private static Decoder quantized(ModelConfiguration model, int slots, WeightFormat format) {
    return Decoder.create(model, slots, compute, format, RandomWeights::read);
  }

  private static Decoder trained(ModelConfiguration model) {
    return Decoder.create(model, 1, compute, WeightFormat.FP32, RandomWeights::read);
  }

  private static QuantizedPlacement placement(ModelConfiguration model, WeightFormat format) {
    return QuantizedPlacement.of(
        new PageAllocator(PageSize.configured()),
        DecoderPrograms.of(model, 1, format).parts().stream()
            .map(DecoderPrograms.Part::program)
            .toList());
  }

  /** A decoder in fp32 of weights that were rounded. */
  private static Decoder rounded(ModelConfiguration model, WeightFormat format) {
    QuantizedPlacement placement = placement(model, format);
    WeightSource source =
        changed(
            (tensor, values) -> {
              QuantizedParameter parameter = placement.of(tensor.name());
              if (parameter != null) {
                parameter.quantizer().round(parameter.weights(values));
              }
            });
    return Decoder.create(model, 1, compute, WeightFormat.FP32, source);
  }

  /** Random weights, each tensor changed before it is taken. */
  private static WeightSource changed(BiConsumer<TensorSpec, FloatRange> change) {
    return (layout, target) ->
        RandomWeights.read(
            layout,
            new WeightSource.Target() {
              @Override
              public FloatRange place(TensorSpec tensor) {
                return target.place(tensor);
              }

              @Override
              public void written(TensorSpec tensor, FloatRange values) {
                change.accept(tensor, values);
                target.written(tensor, values);
              }
            });
  }

  private static int[] tokens(long key, int count) {
    int[] ids = new int[count];
    Arrays.setAll(ids, i -> (int) (CounterRandom.uniform(key, i) * VOCABULARY));
    return ids;
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, i -> values[i]);
    return doubles;
  }

  private static void requireNear(float[] expected, DecodingSession session, int slot) {
    DecodedLogits.requireNear(doubles(expected), 0, session, slot, TOLERANCE);
  }

  private static double distance(float[] a, float[] b) {
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }

  /** Token by token, and with prompts that stream the weights and that make floats of them. */
  @ParameterizedTest
  @MethodSource("decoders")
  void shouldDecodeAsWithWhatTheLevelsStandFor(ModelConfiguration model, WeightFormat format) {
    int[] ids = tokens(1, 90);
    Decoder exact = rounded(model, format);
    Decoder actual = quantized(model, 2, format);
    Decoder trained = trained(model);
    for (int length : new int[] {1, 2, 18, 90}) {
      exact.fill(0, ids, 0, length - 1);
      exact.step(new int[] {ids[length - 1]});
      trained.fill(0, ids, 0, length - 1);
      trained.step(new int[] {ids[length - 1]});
      actual.fill(1, ids, 0, length - 1);
      actual.step(new int[] {DecodingSession.IDLE, ids[length - 1]});
      float[] expected = DecodedLogits.of(exact, 0);
      requireNear(expected, actual, 1);
      assertTrue(distance(expected, DecodedLogits.of(trained, 0)) > 1e-3, "rounding shows");
    }
    actual.fill(0, ids, 0, 0);
    for (int i = 0; i < 20; i++) {
      actual.step(new int[] {ids[i], DecodingSession.IDLE});
    }
    exact.fill(0, ids, 0, 19);
    exact.step(new int[] {ids[19]});
    requireNear(DecodedLogits.of(exact, 0), actual, 0);
  }

  @ParameterizedTest
  @MethodSource("decodersBesideASource")
  void shouldDecodeBesideASource(ModelConfiguration model, WeightFormat format) {
    Decoder exact = rounded(model, format);
    Decoder actual = quantized(model, 1, format);
    for (int length : new int[] {70, 16, 3}) {
      int[] source = tokens(length, length);
      exact.encode(0, source);
      actual.encode(0, source);
      exact.fill(0, source, 0, 2);
      actual.fill(0, source, 0, 2);
      exact.step(new int[] {source[2]});
      actual.step(new int[] {source[2]});
      requireNear(DecodedLogits.of(exact, 0), actual, 0);
    }
  }

  /** More sequences than are multiplied at once, of different lengths, some of them idle. */
  @ParameterizedTest
  @EnumSource(
      value = WeightFormat.class,
      names = {"INT8", "INT4"})
  void shouldComputeTheSameBitsWhateverIsBeside(WeightFormat format) {
    int slots = 11;
    int[] ids = tokens(3, 40);
    Decoder alone = quantized(gpt2(), 1, format);
    Decoder together = quantized(gpt2(), slots, format);
    int[] next = new int[slots];
    for (int slot = 0; slot < slots; slot++) {
      together.fill(slot, ids, 0, 3 * slot);
      next[slot] = slot % 4 == 3 ? DecodingSession.IDLE : ids[slot];
    }
    together.step(next);
    for (int slot : new int[] {0, 2, 8, 10}) {
      alone.fill(0, ids, 0, 3 * slot);
      alone.step(new int[] {next[slot]});
      assertArrayEquals(
          DecodedLogits.of(alone, 0), DecodedLogits.of(together, slot), "slot=" + slot);
    }
  }

  @Test
  void shouldQuantizeWhatIsMultipliedBy() {
    ModelConfiguration model = gpt2();
    QuantizedPlacement placement = placement(model, WeightFormat.INT8);
    List<TensorSpec> tensors =
        Architecture.units(model).stream().flatMap(unit -> unit.tensors().stream()).toList();
    for (TensorSpec tensor : tensors) {
      boolean matrix = tensor.shape().size() == 2 && !tensor.name().endsWith("wpe.weight");
      assertEquals(matrix, placement.of(tensor.name()) != null, tensor.name());
    }
    long exact = tensors.stream().mapToLong(TensorSpec::elements).sum();
    Decoder decoder = quantized(model, 1, WeightFormat.INT8);
    // The table has 31 rows, in panels of 16; 48 inputs take the room of 64.
    long table = 32 * 64 + 4 * 32;
    long matrices = 8 * 48 * 64 + 48 * 192;
    long outputs = 9 * 48;
    long blocks = 2 * (matrices + 4 * outputs + 4 * 13 * 48);
    assertEquals(4 * exact, trained(model).weightBytes());
    assertEquals(table + blocks + 4 * 2 * 48, decoder.weightBytesOfStep());
    assertEquals(decoder.weightBytesOfStep() + 4 * 64 * 48, decoder.weightBytes());
  }

  @Test
  void shouldNameAWeightThatIsNotFinite() {
    WeightSource source =
        changed(
            (tensor, values) -> {
              if (tensor.name().endsWith("h.1.mlp.c_fc.weight")) {
                values.array()[values.offset() + 192 * 5 + 7] = Float.NaN;
              }
            });
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> Decoder.create(gpt2(), 1, compute, WeightFormat.INT4, source))
            .getMessage();
    assertTrue(
        message.startsWith(
            "A weight that is not finite cannot be quantised: output=7, input=5, weight=NaN,"
                + " tensor="),
        message);
    assertTrue(message.endsWith("h.1.mlp.c_fc.weight"), message);
  }
}
