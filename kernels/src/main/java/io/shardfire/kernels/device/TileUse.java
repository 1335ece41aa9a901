package io.shardfire.kernels.device;

/**
 * Whether products in bf16 may use the tiles of a processor's matrix unit (AMX). The kernels find
 * out themselves whether there is one and whether the system grants it; they compute the same bits
 * without.
 */
final class TileUse {
  /** {@code auto}, the default, or {@code off}. */
  static final String PROPERTY = "shardfire.kernels.tiles";

  private TileUse() {}

  /**
   * What the system property {@value #PROPERTY} says.
   *
   * @throws ComputeException when it says neither {@code auto} nor {@code off}
   */
  static boolean allowed() {
    return allowed(System.getProperty(PROPERTY));
  }

  static boolean allowed(String setting) {
    if (setting == null || setting.equals("auto")) {
      return true;
    }
    if (setting.equals("off")) {
      return false;
    }
    throw new ComputeException(
        "The use of the processor's matrix unit must be auto or off: " + PROPERTY + "=" + setting);
  }
}
