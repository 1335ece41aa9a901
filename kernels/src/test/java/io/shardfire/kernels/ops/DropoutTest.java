package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.kernels.reference.DropoutReference;
import org.junit.jupiter.api.Test;

class DropoutTest {
  private static double keptShare(DropoutReference mask, int count) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (mask.factor(i) != 0) {
        kept++;
      }
    }
    return (double) kept / count;
  }

  /** Share of elements on which two masks agree. */
  private static double agreement(DropoutReference a, DropoutReference b, int shift, int count) {
    int same = 0;
    for (int i = 0; i < count; i++) {
      if ((a.factor(i) != 0) == (b.factor(i + shift) != 0)) {
        same++;
      }
    }
    return (double) same / count;
  }

  @Test
  void shouldDropTheGivenShare() {
    int count = 400_000;
    for (float rate : new float[] {0.1f, 0.25f, 0.5f, 0.9f}) {
      double deviation = Math.sqrt(rate * (1 - rate) / count);
      double kept = keptShare(new DropoutReference(rate, 12_345L, 3), count);
      assertEquals(1 - rate, kept, 5 * deviation);
    }
    assertEquals(1.0, keptShare(new DropoutReference(0f, 1L, 1), 1000));
  }

  @Test
  void shouldDrawIndependentMasks() {
    int count = 200_000;
    double tolerance = 5 * Math.sqrt(0.25 / count);
    DropoutReference mask = new DropoutReference(0.5f, 77L, 1);
    DropoutReference otherStream = new DropoutReference(0.5f, 77L, 2);
    DropoutReference otherKey = new DropoutReference(0.5f, 78L, 1);
    DropoutReference otherHighKey = new DropoutReference(0.5f, 77L + (1L << 32), 1);
    assertEquals(0.5, agreement(mask, otherStream, 0, count), tolerance);
    assertEquals(0.5, agreement(mask, otherKey, 0, count), tolerance);
    assertEquals(0.5, agreement(mask, otherHighKey, 0, count), tolerance);
    for (int shift : new int[] {1, 2, 8, 1024, 65_536}) {
      assertEquals(0.5, agreement(mask, mask, shift, count), tolerance);
    }
  }

  @Test
  void shouldRefuseARateOfOne() {
    assertEquals(
        "Dropout.Mask: rate must be in [0, 1): rate=1.0",
        assertThrows(IllegalArgumentException.class, () -> new Dropout.Mask(1f, null, 0))
            .getMessage());
  }
}
