package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Bf16TileTest {
  @ParameterizedTest
  @CsvSource({
    // Few rows: all of them or half, so that B is read once or, by two units at a time, twice.
    "256, 768, 1, 2, 32, 32, 128, 192",
    "256, 3072, 1, 2, 32, 32, 256, 256",
    "256, 50257, 1, 2, 32, 32, 256, 768",
    // Even shares: six tiles of 192 rows would leave 576 to one of two units and 448 to the other.
    "1024, 768, 1, 2, 32, 32, 256, 256",
    "768, 768, 1, 2, 32, 32, 192, 256",
    "768, 3072, 1, 2, 32, 32, 384, 384",
    "50257, 768, 1, 2, 32, 32, 480, 768",
    // Many units: as many tiles.
    "256, 768, 1, 64, 32, 32, 32, 96",
    "1024, 3072, 1, 64, 32, 32, 128, 128",
    // Products that are as many as tiles need not be cut.
    "64, 64, 96, 2, 32, 32, 64, 64",
    // Smaller than a block, and the steps of vectors.
    "1, 1, 1, 2, 32, 32, 32, 32",
    "1, 1, 1, 64, 96, 128, 96, 128",
    "100, 130, 1, 16, 96, 128, 96, 128",
  })
  void shouldBeDoneFirst(
      int m,
      int n,
      int products,
      int computeUnits,
      int rowStep,
      int columnStep,
      int rows,
      int columns) {
    assertEquals(
        new Bf16Tile(rows, columns),
        Bf16Tile.of(m, n, products, computeUnits, rowStep, columnStep));
  }

  @ParameterizedTest
  @CsvSource({
    "256, 768, 2, 256, 128",
    "250, 3072, 2, 256, 256",
    "1024, 50257, 2, 1024, 320",
    "1, 256, 2, 32, 64",
    "256, 9216, 64, 256, 160",
  })
  void shouldTakeAllRows(int m, int n, int computeUnits, int rows, int columns) {
    assertEquals(new Bf16Tile(rows, columns), Bf16Tile.ofAllRows(m, n, computeUnits, 32, 320));
  }
}
