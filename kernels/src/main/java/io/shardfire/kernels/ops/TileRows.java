package io.shardfire.kernels.ops;

import java.util.Collections;
import java.util.PriorityQueue;

/**
 * How many rows of C a tile computes, of a product in fp32 or, by vectors, in bf16, where its
 * columns are given. In a large tile, what is packed or widened serves many rows; small ones are
 * shared more evenly. The choice changes no bits.
 *
 * @param products that are computed together, each m × n
 * @param columns of a tile
 * @param step what the rows are a multiple of
 */
record TileRows(int m, int n, int products, int columns, int computeUnits, int step) {
  /**
   * To pack the columns of a tile takes as long as to multiply so many rows: what fits the rates of
   * products whose tiles have 36 to 768 rows, on a Zen 5.
   */
  private static final int PACKING = 20;

  /** With more tiles for each unit it matters little that the last ones are shared unevenly. */
  private static final int UNEVEN_TURNS = 16;

  /**
   * The rows with which the compute units are done first, in tiles as even as the step allows.
   *
   * @param smallest rows below which more tiles are not tried
   * @param largest rows of a tile, a multiple of the step
   */
  int best(int smallest, int largest) {
    int fewest = (int) Operands.tiles(m, largest);
    int most = Math.max(fewest, (int) Operands.tiles(m, smallest));
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int count = fewest; count <= most; count++) {
      int rows = (int) Operands.tiles(Operands.tiles(m, count), step) * step;
      double time = time(rows);
      if (time < least) {
        least = time;
        best = rows;
      }
    }
    return best;
  }

  /** In multiply-adds of a term of a sum. */
  private double time(int rows) {
    long tiles = Operands.tiles(m, rows) * Operands.tiles(n, columns) * products;
    double wait = Bf16Tile.WAIT * work(Math.min(m, rows), Math.min(n, columns));
    if (tiles > (long) UNEVEN_TURNS * computeUnits) {
      double packing = (double) Operands.tiles(m, rows) * PACKING;
      return (double) products * n * (m + packing) / computeUnits + wait;
    }
    // A unit that is done takes the next tile: rows first, then columns, as the kernels do.
    PriorityQueue<Double> done = new PriorityQueue<>(Collections.nCopies(computeUnits, 0.0));
    double last = 0;
    for (int product = 0; product < products; product++) {
      for (int column = 0; column < n; column += columns) {
        for (int row = 0; row < m; row += rows) {
          double time =
              done.remove() + work(Math.min(rows, m - row), Math.min(columns, n - column));
          done.add(time);
          last = Math.max(last, time);
        }
      }
    }
    return last + wait;
  }

  private static double work(int rows, int columns) {
    return columns * (double) (rows + PACKING);
  }
}
