package io.shardfire.worker.random;

import java.nio.charset.StandardCharsets;

/**
 * Random numbers as pure functions of keys and counters, so that a value never depends on how many
 * were drawn before it, by whom, or in which order. Stateless; thread-safe.
 *
 * <p>The mixing function is the finaliser of SplitMix64 (Steele, Lea and Flood, 2014). Logarithm
 * and sine come from {@link StrictMath}, so that every platform gives the same bits.
 */
public final class CounterRandom {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
  private static final long FNV_OFFSET = 0xCBF29CE484222325L;
  private static final long FNV_PRIME = 0x100000001B3L;
  private static final double UNIT = 0x1.0p-53;

  private CounterRandom() {}

  /** A bijection of 64-bit values in which every input bit reaches every output bit. */
  public static long mix(long value) {
    long z = value + GOLDEN_GAMMA;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /**
   * The key of {@code value} below {@code key}: chain calls to derive a key from several values.
   */
  public static long mix(long key, long value) {
    return mix(mix(key) ^ (value * GOLDEN_GAMMA));
  }

  /** The key of a text below {@code key}: 64-bit FNV-1a over its UTF-8 bytes, mixed. */
  public static long mix(long key, String text) {
    long hash = FNV_OFFSET;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xFF)) * FNV_PRIME;
    }
    return mix(key, hash);
  }

  /** Uniform in [0, 1) with 53 random bits: number {@code index} of the sequence {@code key}. */
  public static double uniform(long key, long index) {
    return (mix(key, index) >>> 11) * UNIT;
  }

  /**
   * Fills a range with normal values of mean 0: element i holds number i of the sequence {@code
   * key}. Pairs come from the Box-Muller transform (1958).
   */
  public static void fillNormal(
      long key, double deviation, float[] destination, int offset, int length) {
    for (int i = 0; i < length; i += 2) {
      double radius = deviation * StrictMath.sqrt(-2 * StrictMath.log(1 - uniform(key, i)));
      double angle = 2 * StrictMath.PI * uniform(key, i + 1L);
      destination[offset + i] = (float) (radius * StrictMath.cos(angle));
      if (i + 1 < length) {
        destination[offset + i + 1] = (float) (radius * StrictMath.sin(angle));
      }
    }
  }
}
