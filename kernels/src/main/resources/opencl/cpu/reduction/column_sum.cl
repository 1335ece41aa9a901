// Column sums: the gradient of a bias.
//
//   out[c] = sum over r of x[r, c]       x [R, C], rows `stride` floats apart
//
//   +-------+-------+--
//   | tile 0| tile 1|      a few panels of columns, all rows in order: one order of summation
//   |   |   |   |   |      whatever the width of a tile, no atomics, the same bits for any number
//   |   v   |   v   |      of threads
//
//   arguments: 0 x, 2 out, 4 rows, 5 columns, 6 stride, 7 accumulate, 8 columns of a tile

// Rows that are added before a sum is stored again: as many streams are read side by side.
#define COLUMN_SUM_ROWS 8

INLINE void clear_floats(global_floats out, int length) {
  for (int i = 0; i < length; i += LANES) {
    STORE_WITHIN((vec)(0.0f), out + i, length - i);
  }
}

// out[c] += sum over rows of x[r, c], in the order of the rows.
INLINE void add_to_columns(
    const_global_floats x, global_floats out, int rows, int columns, size_t stride) {
  for (int row = 0; row < rows; row += COLUMN_SUM_ROWS, x += COLUMN_SUM_ROWS * stride) {
    int count = min(rows - row, COLUMN_SUM_ROWS);
    for (int i = 0; i < columns; i += LANES) {
      vec sum = LOAD(out + i);
      for (int k = 0; k < count; k++) {
        PREFETCH_LINE(x + (k + COLUMN_SUM_ROWS) * stride + i);
        sum += LOAD(x + k * stride + i);
      }
      STORE_WITHIN(sum, out + i, columns - i);
    }
  }
}

INLINE void column_sum(const Command* command, int tile) {
  int column = tile * INT(8);
  int columns = min(INT(5) - column, INT(8));
  global_floats out = SPAN(2) + column;
  if (!INT(7)) {
    clear_floats(out, columns);
  }
  add_to_columns(SPAN(0) + column, out, INT(4), columns, INT(6));
}
