package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.reference.QuantizedReference;
import io.shardfire.kernels.selftest.QuantizedChecks;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightQuantizerTest {
  private static double[] noise(int count, double size) {
    SplittableRandom random = new SplittableRandom(count);
    double[] values = new double[count];
    Arrays.setAll(values, i -> (float) (size * (2 * random.nextDouble() - 1)));
    return values;
  }

  /** What becomes of weights [n,k]; also when they are stored [k,n]. */
  private static double[] rounded(WeightFormat format, double[] w, int n, int k) {
    float[] rows = new float[w.length];
    float[] columns = new float[w.length];
    for (int i = 0; i < w.length; i++) {
      rows[i] = (float) w[i];
      columns[i % k * n + i / k] = rows[i];
    }
    WeightQuantizer quantizer = new WeightQuantizer(format, n, k);
    quantizer.round(new WeightQuantizer.Weights(rows, 0, k, 1));
    quantizer.round(new WeightQuantizer.Weights(columns, 0, 1, n));
    double[] result = new double[w.length];
    for (int i = 0; i < w.length; i++) {
      result[i] = rows[i];
      assertEquals(rows[i], columns[i % k * n + i / k]);
    }
    return result;
  }

  @ParameterizedTest
  @CsvSource({"INT8, 1, 1", "INT8, 17, 75", "INT4, 1, 1", "INT4, 17, 75", "INT4, 3, 32"})
  void shouldRoundAsTheReference(WeightFormat format, int n, int k) {
    double[] w = noise(n * k, 0.3);
    QuantizedReference expected = QuantizedChecks.reference(format, w, n, k);
    double[] actual = rounded(format, w, n, k);
    for (int i = 0; i < w.length; i++) {
      assertEquals(expected.weights()[i], actual[i], Math.ulp((float) actual[i]));
    }
  }

  @ParameterizedTest
  @CsvSource({"INT8", "INT4"})
  void shouldBeOffByHalfALevelAtMost(WeightFormat format) {
    int n = 9;
    int k = 96;
    double[] w = noise(n * k, 2);
    QuantizedReference reference = QuantizedChecks.reference(format, w, n, k);
    double[] actual = rounded(format, w, n, k);
    for (int i = 0; i < w.length; i++) {
      double scale = Math.abs(reference.scale(i));
      // INT4 has no level 8 for the weight that is as large as the largest, of the other sign.
      boolean beyond = format == WeightFormat.INT4 && Math.abs(w[i]) > 7.5 * scale;
      assertTrue(Math.abs(w[i] - actual[i]) <= (beyond ? 1.0001 : 0.5001) * scale, "at " + i);
    }
  }

  @Test
  void shouldRoundTiesToEven() {
    double[] w = {127, 0.5, 1.5, 2.5, -0.5, -1.5, -126.5};
    assertArrayEquals(
        new double[] {127, 0, 2, 2, 0, -2, -126}, rounded(WeightFormat.INT8, w, 1, w.length), 0);
    double[] four = {-8, 0.5, 1.5, 2.5, -0.5, 6.5, 7.5, 8};
    assertArrayEquals(
        new double[] {-8, 0, 2, 2, 0, 6, 7, 7}, rounded(WeightFormat.INT4, four, 1, 8), 0);
  }

  @Test
  void shouldKeepTheLargestOfAGroupExactly() {
    double[] w = new double[64];
    w[3] = 5;
    w[40] = -0.25;
    assertArrayEquals(w, rounded(WeightFormat.INT4, w, 1, 64), 0);
  }

  @ParameterizedTest
  @CsvSource({"INT8", "INT4"})
  void shouldMakeZerosOfZerosAndOfWhatHasNoNormalScale(WeightFormat format) {
    double[] zeros = new double[40];
    assertArrayEquals(zeros, rounded(format, zeros, 1, 40), 0);
    double[] tiny = new double[40];
    Arrays.setAll(tiny, i -> i % 2 == 0 ? Float.MIN_VALUE : -5 * Float.MIN_NORMAL);
    assertArrayEquals(zeros, rounded(format, tiny, 1, 40), 0);
  }

  @ParameterizedTest
  @CsvSource({"INT8, 0", "INT4, 1"})
  void shouldLetAnOutlierDrownOnlyWhatSharesItsScale(WeightFormat format, int spared) {
    double[] w = new double[64];
    Arrays.fill(w, 1);
    w[5] = 3e38f;
    double[] actual = rounded(format, w, 1, 64);
    assertEquals(w[5], actual[5], Math.ulp(3e38f));
    assertEquals(0, actual[6], 0);
    assertEquals(spared, actual[33], 1e-7);
  }

  @Test
  void shouldRefuseWhatIsNotFinite() {
    double[] w = new double[2 * 35];
    w[35 + 33] = Double.NaN;
    assertEquals(
        "A weight that is not finite cannot be quantised: output=1, input=33, weight=NaN",
        assertThrows(IllegalArgumentException.class, () -> rounded(WeightFormat.INT4, w, 2, 35))
            .getMessage());
    w[35 + 33] = Double.NEGATIVE_INFINITY;
    assertThrows(IllegalArgumentException.class, () -> rounded(WeightFormat.INT8, w, 2, 35));
  }

  @Test
  void shouldSayHowMuchMemoryAFormatTakes() {
    assertEquals(4L * 768 * 3072, WeightFormat.FP32.bytes(3072, 768));
    assertEquals(768L * 3072 + 4 * 3072, WeightFormat.INT8.bytes(3072, 768));
    assertEquals(768L * 3072 / 2 + 4 * 3072 * 24, WeightFormat.INT4.bytes(3072, 768));
    assertEquals(16 * 32 + 4 * 16, WeightFormat.INT8.bytes(1, 3));
    assertEquals(16 * 64 / 2 + 4 * 16 * 2, WeightFormat.INT4.bytes(1, 33));
  }
}
