package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.selftest.BufferChecks;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.kernels.selftest.Workbench;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Operations on whole buffers against their references. */
class BufferParityTest {
  private final Workbench bench =
      new Workbench(ComputeContext.open(ComputeDevice.select("auto")), 900_000, 42);
  private final BufferChecks checks = new BufferChecks(bench);

  private static void assertOk(CheckResult result) {
    assertTrue(result.ok(), result::toString);
  }

  @ParameterizedTest
  @CsvSource({"1", "3", "8", "16", "17", "8192", "8195", "100001"})
  void shouldScaleAndCheck(int length) {
    assertOk(checks.scale(length));
    assertOk(checks.finiteCheck(length));
    assertOk(checks.finiteCheck(length, length - 1));
    if (length > 8) {
      assertOk(checks.finiteCheck(length, length / 2, 7, length - 1));
    }
  }

  @ParameterizedTest
  @CsvSource({"70001, 70000", "200003, 131072", "200003, 65535"})
  void shouldFindIndicesBeyondAFloatsHalf(int length, int first) {
    assertOk(checks.finiteCheck(length, first));
  }

  @Test
  void shouldCountALotOfNaNs() {
    Span x = bench.output(150_000);
    Span scratch = bench.output(FiniteCheck.scratchFloats(150_000));
    Span result = bench.output(FiniteCheck.RESULT_FLOATS);
    bench.run(recorder -> FiniteCheck.record(recorder, x, scratch, result));
    assertEquals(new FiniteCheck.Result(150_000, 0), FiniteCheck.read(result));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 5",
    "2, 16",
    "3, 17",
    "4, 1",
    "5, 33",
    "6, 8193",
    "7, 100",
    "11, 31",
    "64, 1001",
    "100, 37"
  })
  void shouldSumInTheFixedTree(int count, int length) {
    assertOk(checks.treeSum(count, length));
  }

  @ParameterizedTest
  @CsvSource({"BF16", "FP16"})
  void shouldPackRandomBits(HalfPrecision.Format format) {
    SplittableRandom random = new SplittableRandom(7);
    for (int length : new int[] {1, 2, 3, 31, 32, 33, 8192, 8193, 100_001}) {
      assertOk(checks.halfPrecision(format, random.ints(length).toArray()));
    }
  }

  /** Every exponent with fractions on, beside and between the ties, of both signs. */
  @ParameterizedTest
  @CsvSource({"BF16", "FP16"})
  void shouldRoundToNearestEven(HalfPrecision.Format format) {
    int[] fractions = {
      0, 1, 0xfff, 0x1000, 0x1001, 0x1fff, 0x2000, 0x3000, 0x7fff, 0x8000, 0x8001, 0xffff, 0x10000,
      0x18000, 0x3fffff, 0x400000, 0x7fefff, 0x7ff000, 0x7ff001, 0x7f7fff, 0x7f8000, 0x7fffff
    };
    int[] patterns = new int[512 * fractions.length];
    for (int i = 0; i < patterns.length; i++) {
      patterns[i] = ((i / fractions.length) << 23) | fractions[i % fractions.length];
    }
    assertOk(checks.halfPrecision(format, patterns));
  }

  /** Every 16-bit pattern survives unpacking and packing; signalling NaNs become quiet. */
  @ParameterizedTest
  @CsvSource({"BF16, 0x7f80, 0x40", "FP16, 0x7c00, 0x200"})
  void shouldReturnEveryHalf(HalfPrecision.Format format, String infinity, String quiet) {
    Span words = bench.output(32_768);
    float[] array = words.arena().array();
    for (int i = 0; i < 32_768; i++) {
      array[words.offset() + i] = Float.intBitsToFloat(((2 * i + 1) << 16) | (2 * i));
    }
    words.upload();
    Span x = bench.output(65_536);
    Span again = bench.output(32_768);
    bench.run(
        recorder -> {
          HalfPrecision.unpack(recorder, format, words, x);
          HalfPrecision.pack(recorder, format, x, again);
        });
    again.download();
    for (int i = 0; i < 65_536; i++) {
      int word = Float.floatToRawIntBits(array[again.offset() + i / 2]);
      boolean nan = (i & 0x7fff) > Integer.decode(infinity);
      assertEquals(nan ? i | Integer.decode(quiet) : i, word >>> (i % 2 * 16) & 0xffff);
    }
    assertEquals(List.of(), bench.damage());
  }

  @Test
  void shouldFillTheLastHalfOfAnOddLengthWithZero() {
    Span x = bench.input(1, 2, 3);
    Span words = bench.output(2);
    bench.run(recorder -> HalfPrecision.pack(recorder, HalfPrecision.Format.BF16, x, words));
    words.download();
    assertEquals(0x4040, Float.floatToRawIntBits(words.arena().array()[words.offset() + 1]));
  }

  @Test
  void shouldComputeTheSameBitsEveryTime() {
    Span x = bench.input(bench.values(7 * 10_001));
    Span sum = bench.output(10_001);
    Span scaled = bench.output(10_001);
    Repeats.assertSameBits(
        bench,
        List.of(sum, scaled),
        recorder -> {
          TreeSum.ofStrided(recorder, x, 7, 10_001, sum);
          Scale.byConstant(recorder, sum, 1f / 7, scaled);
        });
  }

  @Test
  void shouldCheckOperands() {
    Span ten = bench.output(10);
    Span other = bench.output(10);
    Span nine = bench.output(9);
    assertEquals(
        "Scale.byConstant: y must have the length of the others, 9: y=10",
        failure(() -> Scale.byConstant(null, nine, 1f, ten)));
    assertEquals(
        "TreeSum.ofSpans: buffers must be from 1 to 11: buffers=0",
        failure(() -> TreeSum.ofSpans(null, List.of(), ten)));
    assertEquals(
        "TreeSum.ofStrided: stride must be at least 10: stride=9",
        failure(() -> TreeSum.ofStrided(null, ten, 2, 9, other)));
    assertEquals(
        "HalfPrecision.pack: words must have half as many floats as x, 5: words=9",
        failure(() -> HalfPrecision.pack(null, HalfPrecision.Format.FP16, ten, nine)));
    assertEquals(
        "FiniteCheck: x and result must not overlap: x=" + ten + ", result=" + ten,
        failure(() -> FiniteCheck.record(null, ten, other, ten)));
  }

  private static String failure(Executable launch) {
    return assertThrows(IllegalArgumentException.class, launch).getMessage();
  }
}
