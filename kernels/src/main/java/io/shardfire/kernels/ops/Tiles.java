package io.shardfire.kernels.ops;

/** Tile sizes that the OpenCL files and the launchers must agree on. */
final class Tiles {
  /** Floats of a tile of an elementwise operation: {@code ELEMENTS_PER_TILE}. */
  static final int ELEMENTS = 8192;

  /** Rows of a tile of a normalisation: {@code NORM_ROWS}. */
  static final int NORM_ROWS = 8;

  /** Rows of a tile of a gated unit: {@code GATED_ROWS}. */
  static final int GATED_ROWS = 4;

  /** Rows of a tile of the rotary position embedding: {@code ROPE_ROWS}. */
  static final int ROPE_ROWS = 8;

  /** Rows of a tile of Adafactor: {@code ADAFACTOR_ROWS}. */
  static final int ADAFACTOR_ROWS = 8;

  /** Rows of B of a tile of a few rows' product with a transposed matrix: {@code MATVEC_B_ROWS}. */
  static final int MATVEC_B_ROWS = 32;

  /** Rows of a tile of the embedding: {@code EMBEDDING_ROWS}. */
  static final int EMBEDDING_ROWS = 16;

  /** Blocks of a tile of the sum of squares: {@code SQUARE_SUM_BLOCKS_PER_TILE}. */
  static final int SQUARE_SUM_BLOCKS = 16;

  private Tiles() {}
}
