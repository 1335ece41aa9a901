package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Span;

/**
 * A matrix that operations read as it is stored, row-major and without gaps.
 *
 * @param span its floats, or the words of its numbers in bf16, of the flattened matrix, as {@link
 *     HalfPrecision} packs them; rows of any length, odd ones too
 * @param halved whether it is stored in bf16
 */
public record StoredMatrix(Span span, int rows, int columns, boolean halved) {
  /**
   * Checks the length.
   *
   * @throws IllegalArgumentException naming the matrix and its sizes
   */
  public StoredMatrix {
    new Operands("StoredMatrix")
        .positive("rows", rows)
        .positive("columns", columns)
        .holds("span", span, floats(rows, columns, halved));
  }

  /** One in fp32. */
  public static StoredMatrix floats(Span span, int rows, int columns) {
    return new StoredMatrix(span, rows, columns, false);
  }

  /** One in bf16, two numbers in the word of a float. */
  public static StoredMatrix bf16(Span words, int rows, int columns) {
    return new StoredMatrix(words, rows, columns, true);
  }

  /** Floats, or words of numbers in bf16, that hold a matrix. */
  static long floats(long rows, long columns, boolean halved) {
    long numbers = rows * columns;
    return halved ? HalfPrecision.words(numbers) : numbers;
  }

  /** Exactly what it takes. */
  Span whole() {
    return span.slice(0, (int) floats(rows, columns, halved));
  }
}
