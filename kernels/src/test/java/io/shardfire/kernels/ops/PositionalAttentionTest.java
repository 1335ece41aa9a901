package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.selftest.CachedAttentionChecks;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.kernels.selftest.FlashAttentionChecks;
import io.shardfire.kernels.selftest.FlashAttentionChecks.Variant;
import io.shardfire.kernels.selftest.RelativeBiasChecks;
import io.shardfire.kernels.selftest.Workbench;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Terms by distance, decoding with a cache, and the weights on their own. */
class PositionalAttentionTest {
  private final Workbench bench =
      new Workbench(ComputeContext.open(ComputeDevice.select("auto")), 1_000_000, 44);

  private static void assertOk(CheckResult result) {
    assertTrue(result.ok(), result::toString);
  }

  @Test
  void shouldKnowThePublishedSlopes() {
    assertArrayEquals(
        new float[] {0.5f, 0.25f, 0.125f, 0.0625f, 0.03125f, 0.015625f, 0.0078125f, 0.00390625f},
        Alibi.slopes(8));
    float[] twelve = Alibi.slopes(12);
    assertArrayEquals(Alibi.slopes(8), Arrays.copyOf(twelve, 8));
    float[] sixteen = Alibi.slopes(16);
    assertArrayEquals(
        new float[] {sixteen[0], sixteen[2], sixteen[4], sixteen[6]},
        Arrays.copyOfRange(twelve, 8, 12));
    assertArrayEquals(new float[] {1 / 256f}, Alibi.slopes(1));
  }

  @Test
  void shouldWriteSlopesByDistance() {
    AttentionShape shape = new AttentionShape(1, 2, 3, 2, 2, 8);
    Span bias = bench.output(8);
    Alibi.write(shape, new float[] {0.5f, 2f}, bias);
    assertArrayEquals(new double[] {-1, -0.5, 0, -0.5, -4, -2, 0, -2}, bench.read(bias));
    assertEquals(
        "Alibi.write: slopes must be one per head, 2: slopes=1",
        assertThrows(IllegalArgumentException.class, () -> Alibi.write(shape, new float[1], bias))
            .getMessage());
  }

  @Test
  void shouldKnowThePublishedBuckets() {
    RelativeBias.Buckets encoder = new RelativeBias.Buckets(32, 128, true);
    int[] distances = {0, -1, -7, -8, -11, -12, -15, -16, -23, -32, -46, -64, -91, -128, -5000};
    int[] buckets = {0, 1, 7, 8, 8, 9, 9, 10, 11, 12, 13, 14, 15, 15, 15};
    assertArrayEquals(buckets, Arrays.stream(distances).map(encoder::bucket).toArray());
    assertEquals(17, encoder.bucket(1));
    assertEquals(31, encoder.bucket(500));
    RelativeBias.Buckets decoder = new RelativeBias.Buckets(32, 128, false);
    assertEquals(0, decoder.bucket(3));
    assertEquals(15, decoder.bucket(-15));
    assertEquals(16, decoder.bucket(-16));
    assertEquals(31, decoder.bucket(-128));
    assertEquals(
        "RelativeBias.Buckets: count must be from 2 to 4096, when bidirectional even and at least"
            + " 4: count=5",
        assertThrows(IllegalArgumentException.class, () -> new RelativeBias.Buckets(5, 128, true))
            .getMessage());
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1, 1", "2, 5, 3, 3", "3, 37, 61, 4", "2, 300, 300, 2"})
  void shouldSpreadAndGatherBuckets(int batch, int queries, int keys, int heads) {
    RelativeBiasChecks checks = new RelativeBiasChecks(bench);
    assertOk(checks.relativeBias(batch, queries, keys, heads, false));
    assertOk(checks.relativeBias(batch, queries, keys, heads, true));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1, 8, 0", "2, 5, 4, 2, 16, 3", "3, 37, 7, 1, 40, 0", "2, 40, 12, 2, 24, 1",
    "1, 530, 2, 1, 64, 0", "1, 530, 1, 1, 32, 515", "1, 20, 2, 2, 136, 7", "1, 20, 64, 1, 256, 0",
    "2, 40, 6, 2, 20, 7", "1, 50, 5, 1, 33, 0", "2, 30, 4, 4, 100, 9", "1, 20, 6, 2, 250, 0"
  })
  void shouldDecode(int batch, int time, int heads, int kvHeads, int headSize, int window) {
    CachedAttentionChecks checks = new CachedAttentionChecks(bench);
    assertOk(checks.decode(batch, time, heads, kvHeads, headSize, window, false));
    assertOk(checks.decode(batch, time, heads, kvHeads, headSize, window, true));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1, 1, 8, 0", "2, 3, 11, 4, 2, 16, 3", "3, 8, 37, 7, 1, 40, 0",
    "2, 64, 131, 6, 2, 20, 7", "1, 300, 530, 2, 1, 64, 0", "1, 32, 600, 1, 1, 33, 515",
    "2, 16, 50, 2, 2, 136, 7"
  })
  void shouldExtendSequencesByManyPositions(
      int batch, int chunk, int time, int heads, int kvHeads, int headSize, int window) {
    CachedAttentionChecks checks = new CachedAttentionChecks(bench);
    AttentionShape shape = new AttentionShape(batch, chunk, time, heads, kvHeads, headSize);
    assertOk(checks.extend(shape, window, false));
    assertOk(checks.extend(shape, window, true));
  }

  @ParameterizedTest
  @CsvSource({"1, 8", "37, 20", "64, 48"})
  void shouldCopySequencesOfACache(int maxTime, int width) {
    assertOk(new CachedAttentionChecks(bench).copy(maxTime, width));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1, 1, 8",
    "2, 5, 7, 4, 2, 16",
    "2, 60, 33, 2, 1, 40",
    "1, 300, 270, 2, 2, 64",
    "1, 70, 131, 1, 1, 256",
    "2, 61, 43, 4, 2, 20",
    "1, 55, 70, 3, 1, 33",
    "1, 70, 131, 2, 2, 250"
  })
  void shouldShowTheWeights(
      int batch, int queries, int keys, int heads, int kvHeads, int headSize) {
    FlashAttentionChecks checks = new FlashAttentionChecks(bench);
    AttentionShape shape = new AttentionShape(batch, queries, keys, heads, kvHeads, headSize);
    assertOk(checks.weights(shape, Variant.FULL));
    assertOk(checks.weights(shape, Variant.CAUSAL));
    assertOk(checks.weights(shape, new Variant(true, 20, true, 0, true, false)));
  }

  @Test
  void shouldRefuseWhatDecodingCannotDo() {
    AttentionShape shape = new AttentionShape(1, 1, 4, 65, 1, 8);
    Span span = bench.output(600);
    MatMul.Matrix row = new MatMul.Matrix(span, 520);
    FlashAttention.Inputs inputs = new FlashAttention.Inputs(row, row, row);
    CachedAttention.Cache cache = new CachedAttention.Cache(span, span);
    AttentionOptions tooMany = AttentionOptions.of(shape, AttentionMask.CAUSAL);
    AttentionOptions notCausal =
        AttentionOptions.of(new AttentionShape(1, 1, 4, 1, 1, 8), AttentionMask.FULL);
    bench.record(
        recorder -> {
          assertEquals(
              "CachedAttention.decode: heads/kvHeads must be at most 64: heads/kvHeads=65",
              assertThrows(
                      IllegalArgumentException.class,
                      () -> CachedAttention.decode(recorder, tooMany, inputs, cache, span, row))
                  .getMessage());
          assertEquals(
              "CachedAttention.decode: causal must be true: causal=false",
              assertThrows(
                      IllegalArgumentException.class,
                      () -> CachedAttention.decode(recorder, notCausal, inputs, cache, span, row))
                  .getMessage());
        });
  }
}
