package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Bf16MatMulTest {
  @ParameterizedTest
  @CsvSource({
    // Six tiles of 192 rows would leave 576 to one of two units and 448 to the other.
    "1024, 1, 2, 32, 128",
    "1024, 3, 2, 32, 512",
    "1536, 1, 2, 32, 256",
    "768, 2, 2, 32, 256",
    "1024, 48, 2, 32, 512",
    "1, 1, 2, 32, 32",
    "100, 1, 16, 96, 96",
    "4096, 1, 16, 32, 64",
  })
  void shouldShareRowsEvenly(int m, long stacks, int computeUnits, int multiple, int rows) {
    assertEquals(rows, Bf16MatMul.tileRows(m, stacks, computeUnits, multiple));
  }
}
