package io.shardfire.kernels.device;

import java.util.Arrays;
import java.util.Locale;

/**
 * What of a processor computes products in bf16. The kernels find out themselves what there is and
 * whether the system grants it; all units compute the same bits. Source: {@code bf16_unit.cl}.
 */
public enum ProductUnit {
  /** Multiplication and addition of floats: what every processor has. */
  VECTORS(0),

  /** The dot product of pairs (AVX512_BF16), on processors of AMD. */
  PAIRS(1),

  /** The tiles of a matrix unit (AMX). */
  TILES(2);

  /** {@code auto}, the default, or {@code vectors}. */
  static final String PROPERTY = "shardfire.kernels.unit";

  private final int code;

  ProductUnit(int code) {
    this.code = code;
  }

  /** As the kernels number it. */
  public int code() {
    return code;
  }

  /**
   * The unit of a number.
   *
   * @throws ComputeException when the kernels have another
   */
  static ProductUnit of(int code) {
    return Arrays.stream(values())
        .filter(unit -> unit.code == code)
        .findFirst()
        .orElseThrow(() -> new ComputeException("The kernels name an unknown unit: code=" + code));
  }

  /** This one, if all may be used; else vectors. */
  ProductUnit ifAllowed(boolean all) {
    return all ? this : VECTORS;
  }

  /** In lower case, for people. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Whether others than vectors may be used, as the system property {@value #PROPERTY} says.
   *
   * @throws ComputeException when it says neither {@code auto} nor {@code vectors}
   */
  static boolean allAllowed() {
    return allAllowed(System.getProperty(PROPERTY));
  }

  static boolean allAllowed(String setting) {
    if (setting == null || setting.equals("auto")) {
      return true;
    }
    if (setting.equals(VECTORS.toString())) {
      return false;
    }
    throw new ComputeException(
        "What computes products in bf16 must be auto or vectors: " + PROPERTY + "=" + setting);
  }
}
