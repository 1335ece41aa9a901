package io.shardfire.worker.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;

/** What small models decode. */
final class DecodedLogits {
  static final int VOCABULARY = 31;

  private DecodedLogits() {}

  static float[] of(DecodingSession session, int slot) {
    int offset = session.logitsOffset(slot);
    return Arrays.copyOfRange(session.logits(), offset, offset + VOCABULARY);
  }

  /** Checks the logits of a position, those of all positions given, to 1e-5 of the largest. */
  static void requireNear(double[] expected, int position, DecodingSession session, int slot) {
    requireNear(expected, position, session, slot, 1e-5);
  }

  /**
   * The same to another tolerance.
   *
   * @param tolerance as a share of the largest logit
   */
  static void requireNear(
      double[] expected, int position, DecodingSession session, int slot, double tolerance) {
    double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    float[] actual = of(session, slot);
    for (int id = 0; id < VOCABULARY; id++) {
      assertEquals(
          expected[position * VOCABULARY + id],
          actual[id],
          tolerance * largest,
          "position=" + position + ", id=" + id);
    }
  }
}
