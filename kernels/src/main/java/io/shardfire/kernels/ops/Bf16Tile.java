package io.shardfire.kernels.ops;

/**
 * The rows and columns of C that a tile of a product in bf16 computes.
 *
 * @param rows a multiple of the rows that the unit needs
 * @param columns a multiple of the columns that it needs
 */
record Bf16Tile(int rows, int columns) {
  private static final int LARGEST_ROWS = 512;
  private static final int LARGEST_COLUMNS = 768;

  /**
   * To read a k of a row of A, or of a column of B, takes as long as so many multiply-adds: what
   * fits the rates of products whose tiles have 96 to 768 rows and columns, on a Zen 5. It counts
   * for more with a unit that is faster, whose tiles could be larger than these.
   */
  private static final int READ = 12;

  /** What part of a tile a compute unit waits for the others, which are never as fast as it is. */
  static final double WAIT = 0.25;

  /**
   * The tile with which the compute units are done first. A large one reads each row of A for more
   * columns, and each column of B for more rows; small ones are shared more evenly.
   *
   * @param products that are computed together
   * @param rowStep what the rows are a multiple of
   * @param columnStep what the columns are a multiple of
   */
  static Bf16Tile of(int m, int n, int products, int computeUnits, int rowStep, int columnStep) {
    return best(
        m,
        n,
        products,
        computeUnits,
        new Sizes(rowStep, largest(m, LARGEST_ROWS, rowStep), rowStep),
        new Sizes(columnStep, largest(n, LARGEST_COLUMNS, columnStep), columnStep));
  }

  /** The same of tiles that take all rows, of one product. */
  static Bf16Tile ofAllRows(int m, int n, int computeUnits, int step, int mostColumns) {
    int rows = largest(m, m, step);
    return best(
        m,
        n,
        1,
        computeUnits,
        new Sizes(rows, rows, step),
        new Sizes(step, largest(n, mostColumns, step), step));
  }

  /** First, last, and how far apart. */
  private record Sizes(int least, int most, int step) {}

  private static Bf16Tile best(
      int m, int n, int products, int computeUnits, Sizes rowSizes, Sizes columnSizes) {
    Bf16Tile best = null;
    double least = Double.POSITIVE_INFINITY;
    for (int rows = rowSizes.least(); rows <= rowSizes.most(); rows += rowSizes.step()) {
      for (int columns = columnSizes.least();
          columns <= columnSizes.most();
          columns += columnSizes.step()) {
        Bf16Tile tile = new Bf16Tile(rows, columns);
        long rounds = Operands.tiles(tile.count(m, n) * products, computeUnits);
        double time = (rounds + WAIT) * (rows * columns + READ * (rows + columns));
        if (time < least) {
          least = time;
          best = tile;
        }
      }
    }
    return best;
  }

  /** The number of tiles of a product. */
  long count(int m, int n) {
    return Operands.tiles(m, rows) * Operands.tiles(n, columns);
  }

  private static int largest(int count, int limit, int step) {
    return (int) Operands.tiles(Math.min(count, limit), step) * step;
  }
}
