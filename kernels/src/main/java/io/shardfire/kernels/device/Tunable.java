package io.shardfire.kernels.device;

import java.util.Locale;

/**
 * A size that is chosen per device and cannot change a bit of any result: how work is cut into
 * tiles, never the order in which a sum is added. Sizes that are part of that order, such as the
 * depth of a block of a matrix product or the keys of a block of attention, are constants of the
 * OpenCL files.
 *
 * <p>The values are those of the {@link DeviceRecord}; the OpenCL files see them as macros with the
 * names of the constants, the launchers through {@link CommandRecorder#tuned}. The ranges are such
 * that any combination of values fits the kernels' local memory.
 */
public enum Tunable {
  /** Work-groups that pull tiles, per compute unit: the runtime hands out few ones unevenly. */
  GROUPS_PER_COMPUTE_UNIT("launch.groupsPerComputeUnit", Use.HOST, 1, 16, 1),

  /** Floats of a tile of an elementwise operation; a divisor of the rows of the dropout mask. */
  ELEMENTS_PER_TILE("elementwise.elementsPerTile", Use.KERNELS, 1024, 65_536, Step.DOUBLING),

  /** Panels of a tile of a matrix product; with vectors of 16 floats rounded up to whole pairs. */
  MATMUL_TILE_PANELS("matmul.tilePanels", Use.KERNELS, 1, 4, 1),

  /** Rows of A that pass one panel before the next panel is taken. */
  MATMUL_BLOCK_ROWS("matmul.blockRows", Use.KERNELS, 48, 192, 48),

  /** Rows of a tile of a matrix product that are not exceeded. */
  MATMUL_LARGEST_TILE_ROWS("matmul.largestTileRows", Use.HOST, 96, 2064, 6),

  /** Rows of a tile of a matrix product below which no more tiles are tried. */
  MATMUL_SMALLEST_TILE_ROWS("matmul.smallestTileRows", Use.HOST, 6, 516, 6),

  /** Up to this many rows, NN streams B instead of packing it. */
  MATMUL_STREAMED_ROWS("matmul.streamedRows", Use.HOST, 0, 16, 1),

  /** Panels of a tile of a product of a few rows. */
  MATVEC_TILE_PANELS("matvec.tilePanels", Use.KERNELS, 1, 8, 1),

  /** Rows of B of a tile of a few rows' product with a transposed matrix. */
  MATVEC_B_ROWS("matvec.bRows", Use.KERNELS, 4, 512, 4),

  /** Rows of a tile of layer and root mean square normalisation. */
  NORM_ROWS("norm.rows", Use.KERNELS, 1, 256, 1),

  /** Rows of a tile of a gated unit. */
  GATED_ROWS("gated.rows", Use.KERNELS, 1, 256, 1),

  /** Rows of a tile of the rotary position embedding. */
  ROPE_ROWS("rope.rows", Use.KERNELS, 1, 256, 1),

  /** Rows of a tile of Adafactor. */
  ADAFACTOR_ROWS("adafactor.rows", Use.KERNELS, 1, 256, 1),

  /** Rows of a tile of the embedding and of the addition of positions. */
  EMBEDDING_ROWS("embedding.rows", Use.KERNELS, 1, 256, 1),

  /** Blocks of a tile of the sum of squares. */
  SQUARE_SUM_BLOCKS_PER_TILE("squareSum.blocksPerTile", Use.KERNELS, 1, 256, 1);

  private enum Use {
    /** By the launchers alone. */
    HOST,
    /** By the kernels too, as a macro. */
    KERNELS
  }

  private static final class Step {
    /** The values are the minimum times powers of two. */
    static final int DOUBLING = 0;

    private Step() {}
  }

  private final String key;
  private final Use use;
  private final int minimum;
  private final int maximum;
  private final int step;

  Tunable(String key, Use use, int minimum, int maximum, int step) {
    this.key = key;
    this.use = use;
    this.minimum = minimum;
    this.maximum = maximum;
    this.step = step;
  }

  /** The name in a device record. */
  public String key() {
    return key;
  }

  /** Smallest value. */
  public int minimum() {
    return minimum;
  }

  /** Largest value. */
  public int maximum() {
    return maximum;
  }

  /** Whether a value may stand in a record. */
  public boolean allows(int value) {
    if (value < minimum || value > maximum) {
      return false;
    }
    return step == Step.DOUBLING
        ? value % minimum == 0 && Integer.bitCount(value / minimum) == 1
        : (value - minimum) % step == 0;
  }

  /** The values a record may hold, in words. */
  public String range() {
    String bounds = minimum + " to " + maximum;
    if (step == Step.DOUBLING) {
      return String.format(Locale.ROOT, "%s, doubling", bounds);
    }
    return step == 1 ? bounds : String.format(Locale.ROOT, "%s in steps of %d", bounds, step);
  }

  /** Whether the kernels are compiled for the value. */
  public boolean isMacro() {
    return use == Use.KERNELS;
  }
}
