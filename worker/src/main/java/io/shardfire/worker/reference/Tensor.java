package io.shardfire.worker.reference;

/** A matrix [rows, columns] in double precision with its gradient, both row by row. */
public final class Tensor {
  private final int rows;
  private final int columns;
  private final double[] values;
  private final double[] gradient;

  Tensor(int rows, int columns, double[] values) {
    if (values.length != rows * columns) {
      throw new IllegalArgumentException(
          "A tensor has rows times columns values: rows="
              + rows
              + ", columns="
              + columns
              + ", values="
              + values.length);
    }
    this.rows = rows;
    this.columns = columns;
    this.values = values;
    this.gradient = new double[values.length];
  }

  /** Rows. */
  public int rows() {
    return rows;
  }

  /** Columns. */
  public int columns() {
    return columns;
  }

  /** The values themselves, not a copy. */
  public double[] values() {
    return values;
  }

  /** What {@link Tape#differentiate} added up so far; the array itself. */
  public double[] gradient() {
    return gradient;
  }
}
