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
import io.shardfire.worker.architecture.ModelConfiguration.HeadKind;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.architecture.ModelConfiguration.NormKind;
import io.shardfire.worker.architecture.ModelConfiguration.NormPlacement;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.LanguageModel;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.random.CounterRandom;
import io.shardfire.worker.reference.DropoutFactors;
import io.shardfire.worker.reference.Reference;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Decoding beside a source. T tokens, V vocabulary. */
class SourceDecodingTest {
  private static final int VOCABULARY = DecodedLogits.VOCABULARY;
  private static final int CONTEXT = 23;

  /** Longer than two of the chunks, and no multiple of any. */
  private static final int SOURCE = 70;

  /** Lengths around those of the passes, a short one after the longest. */
  private static final int[] LENGTHS = {SOURCE, 1, 16, 17, 64, 65, 3};

  private static ComputeContext compute;

  @BeforeAll
  static void openDevice() {
    compute = ComputeContext.open(ComputeDevice.select("cpu"));
  }

  static Stream<Named<ModelConfiguration>> models() {
    return Stream.of(
        Named.of("T5", model(PositionKind.RELATIVE, NormPlacement.PRE)),
        Named.of("2017", model(PositionKind.SINUSOIDAL_HALVES, NormPlacement.POST)),
        Named.of("learned", model(PositionKind.LEARNED, NormPlacement.PRE)),
        Named.of("rotary", model(PositionKind.ROPE, NormPlacement.POST)),
        Named.of("linear biases", model(PositionKind.ALIBI, NormPlacement.PRE)));
  }

  /** Two encoder blocks and three of the decoder; tables and sizes differ from form to form. */
  private static ModelConfiguration model(PositionKind positions, NormPlacement placement) {
    boolean relative = positions == PositionKind.RELATIVE;
    boolean sinusoidal = positions == PositionKind.SINUSOIDAL_HALVES;
    boolean plain = !relative && !sinusoidal;
    return ModelConfiguration.decoder(3, 6, 60, CONTEXT)
        .kind(Kind.ENCODER_DECODER)
        .encoderLayers(2)
        .sourceContext(SOURCE)
        .vocabularySize(VOCABULARY)
        .keyValueHeads(plain ? 3 : 0)
        .feedForwardWidth(44)
        .norm(relative ? NormKind.RMS : NormKind.LAYER, placement)
        .activation(Function.RELU)
        .positions(positions)
        .relative(8, 16)
        .ropeBase(100)
        .biases(!relative)
        .scaledAttention(!relative)
        .scaledEmbeddings(sinusoidal)
        .sharedEmbeddings(!plain)
        .tiedEmbeddings(!plain)
        .head(relative ? HeadKind.SCALED : sinusoidal ? HeadKind.BIASED : HeadKind.PLAIN)
        .build();
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldDecodeTheLogitsOfAFullForwardPass(ModelConfiguration model) {
    int[] ids = tokens(1, CONTEXT);
    Decoder decoder = decoder(model, 2);
    for (int length : LENGTHS) {
      int[] source = tokens(length, length);
      double[] expected = reference(model, source, ids);
      decoder.encode(1, source);
      decoder.fill(1, ids, 0, 0);
      for (int position = 0; position < CONTEXT; position++) {
        decoder.step(new int[] {DecodingSession.IDLE, ids[position]});
        DecodedLogits.requireNear(expected, position, decoder, 1);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldFillASequenceBesideItsSource(ModelConfiguration model) {
    int[] ids = tokens(2, CONTEXT);
    int[] source = tokens(3, 19);
    Decoder decoder = decoder(model, 2);
    decoder.encode(0, source);
    decoder.fill(0, ids, 2, 11);
    assertEquals(9, decoder.length(0));
    assertEquals(0, decoder.length(1));
    decoder.step(new int[] {ids[11], DecodingSession.IDLE});
    DecodedLogits.requireNear(
        reference(model, source, Arrays.copyOfRange(ids, 2, 12)), 9, decoder, 0);
  }

  /** Slots at different positions, beside sources of different lengths; some are idle. */
  @ParameterizedTest
  @MethodSource("models")
  void shouldComputeTheSameBitsWhateverIsBeside(ModelConfiguration model) {
    int slots = LENGTHS.length + 1;
    int[] ids = tokens(4, CONTEXT);
    Decoder alone = decoder(model, 1);
    Decoder together = decoder(model, slots);
    int[] next = new int[slots];
    for (int slot = 0; slot < LENGTHS.length; slot++) {
      together.encode(slot, tokens(slot, LENGTHS[slot]));
      together.fill(slot, ids, 0, slot);
      next[slot] = slot == 2 ? DecodingSession.IDLE : ids[slot];
    }
    next[LENGTHS.length] = DecodingSession.IDLE;
    together.step(next);
    for (int slot = 0; slot < LENGTHS.length; slot++) {
      if (slot != 2) {
        alone.encode(0, tokens(slot, LENGTHS[slot]));
        alone.fill(0, ids, 0, slot);
        alone.step(new int[] {ids[slot]});
        assertArrayEquals(
            DecodedLogits.of(alone, 0), DecodedLogits.of(together, slot), "slot=" + slot);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldCopySequencesWithTheirSources(ModelConfiguration model) {
    int[] ids = tokens(5, 7);
    int[] source = tokens(6, 33);
    Decoder decoder = decoder(model, 3);
    decoder.encode(0, source);
    decoder.fill(0, ids, 0, 4);
    decoder.encode(2, tokens(7, 65));
    decoder.copy(0, 2);
    decoder.copy(2, 1);
    // The copies keep it when the first has another.
    decoder.encode(0, tokens(8, 50));
    decoder.step(new int[] {ids[4], ids[4], ids[4]});
    double[] expected = reference(model, source, Arrays.copyOf(ids, 5));
    DecodedLogits.requireNear(expected, 4, decoder, 1);
    DecodedLogits.requireNear(expected, 4, decoder, 2);
  }

  @Test
  void shouldRefuseSourcesThatHaveNoPlace() {
    Decoder decoder = decoder(model(PositionKind.RELATIVE, NormPlacement.PRE), 1);
    assertEquals(
        "A source has tokens of the vocabulary, at least one and at most the source's context:"
            + " tokens=71, sourceContext=70, vocabularySize=31",
        refused(decoder, tokens(1, SOURCE + 1)));
    refused(decoder);
    refused(decoder, VOCABULARY);
    refused(decoder, -1);
    Decoder plain =
        decoder(ModelConfiguration.decoder(1, 2, 32, 9).vocabularySize(VOCABULARY).build(), 1);
    assertEquals("Only an encoder-decoder reads a source: kind=DECODER", refused(plain, 1));
  }

  private static String refused(Decoder decoder, int... source) {
    return assertThrows(IllegalArgumentException.class, () -> decoder.encode(0, source))
        .getMessage();
  }

  private static int[] tokens(long key, int count) {
    int[] ids = new int[count];
    Arrays.setAll(ids, i -> (int) (CounterRandom.uniform(key, i) * VOCABULARY));
    return ids;
  }

  private static Decoder decoder(ModelConfiguration model, int slots) {
    return Decoder.create(model, slots, compute, WeightFormat.FP32, RandomWeights::read);
  }

  /** Logits [T, V] of all positions beside a source, in double precision. */
  private static double[] reference(ModelConfiguration model, int[] source, int... ids) {
    TokenBatch batch = TokenBatch.of(BatchForm.plain(1, ids.length, source.length));
    LanguageModel modules = Architecture.of(model, batch);
    Reference reference =
        new Reference(
            Pass.evaluation(1, ids.length),
            modules.published(),
            RandomWeights.of(model),
            DropoutFactors.NONE);
    reference.give(batch.sourceIds(), source);
    see(reference, batch.sourceVisible(), source.length, source.length);
    see(reference, batch.crossVisible(), ids.length, source.length);
    return modules.reference(reference, ids).values();
  }

  private static void see(Reference reference, TokenBatch.Interval visible, int rows, int end) {
    int[] ends = new int[rows];
    Arrays.fill(ends, end);
    reference.give(visible.first(), new int[rows]);
    reference.give(visible.end(), ends);
  }
}
