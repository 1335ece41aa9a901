package io.shardfire.worker.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.ops.Activation.Function;
import io.shardfire.kernels.ops.WeightFormat;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.CellKind;
import io.shardfire.worker.architecture.ModelConfiguration.NormKind;
import io.shardfire.worker.architecture.ModelConfiguration.NormPlacement;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.nn.LanguageModel;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.random.CounterRandom;
import io.shardfire.worker.reference.DropoutFactors;
import io.shardfire.worker.reference.Reference;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** T tokens, V vocabulary. */
class DecoderTest {
  private static final int VOCABULARY = DecodedLogits.VOCABULARY;

  /** Longer than the largest chunk and the one after, and no multiple of any. */
  private static final int CONTEXT = 347;

  private static ComputeContext compute;

  @BeforeAll
  static void openDevice() {
    compute = ComputeContext.open(ComputeDevice.select("cpu"));
  }

  /**
   * GPT-2, and every kind of positions with what else changes how a cache is read; recurrent
   * layers, whose cache is a state.
   */
  static Stream<ModelConfiguration> models() {
    Stream<ModelConfiguration> recurrent =
        Stream.of(CellKind.RNN, CellKind.LSTM, CellKind.GRU)
            .map(
                cell ->
                    ModelConfiguration.decoder(2, 1, 44, CONTEXT)
                        .cell(cell)
                        .positions(PositionKind.NONE)
                        .vocabularySize(VOCABULARY)
                        .build());
    return Stream.concat(
        Stream.concat(
            recurrent,
            Stream.of(
                ModelConfiguration.decoder(2, 3, 48, CONTEXT).vocabularySize(VOCABULARY).build())),
        Arrays.stream(PositionKind.values())
            .flatMap(positions -> Stream.of(composed(positions, 0), composed(positions, 37))));
  }

  private static ModelConfiguration composed(PositionKind positions, int window) {
    return ModelConfiguration.decoder(2, 6, 60, CONTEXT)
        .keyValueHeads(3)
        .feedForwardWidth(44)
        .vocabularySize(VOCABULARY)
        .norm(NormKind.RMS, NormPlacement.PRE)
        .activation(Function.SILU)
        .gated(true)
        .positions(positions)
        .ropeBase(100)
        .window(window)
        .biases(window > 0)
        .tiedEmbeddings(false)
        .build();
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldDecodeTheLogitsOfAFullForwardPass(ModelConfiguration model) {
    int[] ids = tokens(1, 21);
    Decoder decoder = decoder(model, 1);
    double[] expected = reference(model, ids);
    for (int position = 0; position < ids.length; position++) {
      decoder.step(new int[] {ids[position]});
      DecodedLogits.requireNear(expected, position, decoder, 0);
    }
  }

  /** Lengths around those of the chunks, each after another sequence in the same slot. */
  @ParameterizedTest
  @MethodSource("models")
  void shouldComputePromptsInChunks(ModelConfiguration model) {
    int[] ids = tokens(2, CONTEXT);
    Decoder decoder = decoder(model, 2);
    double[] expected = reference(model, ids);
    for (int length : new int[] {CONTEXT, 1, 2, 17, 18, 64, 66, 97, 258}) {
      decoder.fill(1, ids, 0, length - 1);
      decoder.step(new int[] {DecodingSession.IDLE, ids[length - 1]});
      DecodedLogits.requireNear(expected, length - 1, decoder, 1);
      assertEquals(length, decoder.length(1));
    }
  }

  /** More sequences than a product of few rows takes, of different lengths, some of them idle. */
  @ParameterizedTest
  @MethodSource("models")
  void shouldComputeTheSameBitsWhateverIsBeside(ModelConfiguration model) {
    int slots = 19;
    int[] ids = tokens(3, 40);
    Decoder alone = decoder(model, 1);
    Decoder together = decoder(model, slots);
    int[] next = new int[slots];
    for (int slot = 0; slot < slots; slot++) {
      together.fill(slot, ids, 0, slot + 1);
      next[slot] = slot % 4 == 3 ? DecodingSession.IDLE : ids[slot + 1];
    }
    together.step(next);
    together.copy(17, 3);
    next[3] = 0;
    next[17] = 0;
    together.step(next);
    for (int slot : new int[] {0, 4, 16, 17, 18}) {
      alone.fill(0, ids, 0, slot + 1);
      alone.step(new int[] {ids[slot + 1]});
      alone.step(new int[] {next[slot]});
      assertArrayEquals(
          DecodedLogits.of(alone, 0), DecodedLogits.of(together, slot), "slot=" + slot);
    }
    assertArrayEquals(DecodedLogits.of(together, 17), DecodedLogits.of(together, 3));
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldRefuseTokensThatHaveNoPlace(ModelConfiguration model) {
    Decoder decoder = decoder(model, 1);
    int[] ids = tokens(4, CONTEXT + 1);
    assertThrows(IllegalArgumentException.class, () -> decoder.step(new int[] {VOCABULARY}));
    assertThrows(IllegalArgumentException.class, () -> decoder.fill(0, ids, 0, CONTEXT + 1));
    decoder.fill(0, ids, 0, CONTEXT);
    assertThrows(IllegalArgumentException.class, () -> decoder.step(new int[] {1}));
  }

  private static int[] tokens(long key, int count) {
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) {
      ids[i] = (int) (CounterRandom.uniform(key, i) * VOCABULARY);
    }
    return ids;
  }

  private static Decoder decoder(ModelConfiguration model, int slots) {
    return Decoder.create(model, slots, compute, WeightFormat.FP32, RandomWeights::read);
  }

  /** Logits [T, V] of all positions, in double precision. */
  private static double[] reference(ModelConfiguration model, int[] ids) {
    LanguageModel modules = Architecture.of(model, TokenBatch.of(1, ids.length));
    Reference reference =
        new Reference(
            Pass.evaluation(1, ids.length),
            modules.published(),
            RandomWeights.of(model),
            DropoutFactors.NONE);
    return modules.reference(reference, ids).values();
  }
}
