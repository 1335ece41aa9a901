package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TileRowsTest {
  @ParameterizedTest
  @CsvSource({
    // Even shares: three tiles of 258 rows of each of three columns would leave five to one of two
    // units.
    "768, 768, 1, 256, 2, 48, 60, 384, 384",
    // Columns enough: as many rows as may be.
    "1024, 3072, 1, 128, 2, 6, 60, 516, 516",
    "256, 768, 1, 128, 2, 6, 60, 516, 258",
    // Half a tile of columns beside a whole one: only with two of each do two units share evenly.
    "128, 384, 1, 256, 2, 6, 60, 516, 66",
    // Many units: as many tiles, but no smaller ones than are wanted.
    "1024, 768, 1, 128, 64, 6, 60, 516, 108",
    "1024, 128, 1, 128, 64, 6, 60, 516, 60",
    "1024, 128, 1, 128, 64, 6, 6, 516, 18",
    // Many products.
    "256, 64, 48, 128, 2, 6, 60, 516, 258",
    // Fewer rows than the smallest tile has, or a strip.
    "50, 128, 1, 128, 2, 6, 60, 516, 54",
    "1, 1, 1, 128, 64, 6, 60, 516, 6",
    // A record whose largest tile is smaller than its smallest one.
    "1024, 128, 1, 128, 2, 6, 516, 96, 96",
  })
  void shouldBeDoneFirst(
      int m,
      int n,
      int products,
      int columns,
      int computeUnits,
      int step,
      int smallest,
      int largest,
      int rows) {
    TileRows tile = new TileRows(m, n, products, columns, computeUnits, step);
    assertEquals(rows, tile.best(smallest, largest));
  }
}
