package io.shardfire.worker.program;

/**
 * A matrix of a program, [rows, columns] floats row by row, which a {@link Placement} puts
 * somewhere. Compared by identity; immutable.
 */
public final class Value implements Operand {
  private final Storage storage;
  private final long offset;
  private final int rows;
  private final int columns;

  private Value(Storage storage, long offset, int rows, int columns) {
    this.storage = storage;
    this.offset = offset;
    this.rows = rows;
    this.columns = columns;
  }

  /** A value whose place nothing else uses: the host's, or one that lasts over runs. */
  public static Value pinned(String name, int rows, int columns) {
    return of(name, rows, columns, Storage.Kind.PINNED);
  }

  static Value activation(String name, int rows, int columns) {
    return of(name, rows, columns, Storage.Kind.ACTIVATION);
  }

  static Value transients(String name, int rows, int columns) {
    return of(name, rows, columns, Storage.Kind.EXACT);
  }

  private static Value of(String name, int rows, int columns, Storage.Kind kind) {
    if (rows < 1 || columns < 1) {
      throw new IllegalArgumentException(
          "A value has rows and columns: value="
              + name
              + ", rows="
              + rows
              + ", columns="
              + columns);
    }
    return new Value(new Storage(name, (long) rows * columns, kind), 0, rows, columns);
  }

  /** Some of its rows, in the same place. */
  public Value slice(int from, int count) {
    if (from < 0 || count < 1 || count > rows - from) {
      throw new IllegalArgumentException(
          "Rows outside of a value: value=" + this + ", from=" + from + ", count=" + count);
    }
    return new Value(storage, offset + (long) from * columns, count, columns);
  }

  /** All of a storage as one row. */
  static Value whole(Storage storage) {
    return new Value(storage, 0, 1, Math.toIntExact(storage.floats()));
  }

  /** The same place within another storage. */
  Value in(Storage other) {
    return new Value(other, offset, rows, columns);
  }

  @Override
  public String name() {
    return storage.name();
  }

  /** Rows. */
  public int rows() {
    return rows;
  }

  /** Floats of a row. */
  public int columns() {
    return columns;
  }

  long floats() {
    return (long) rows * columns;
  }

  Storage storage() {
    return storage;
  }

  /** First float within the storage. */
  long offset() {
    return offset;
  }

  @Override
  public String toString() {
    return name() + "[" + rows + "," + columns + "]";
  }
}
