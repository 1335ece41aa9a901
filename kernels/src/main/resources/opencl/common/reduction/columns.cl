// Sums over rows, column by column, added to what is stored.

// Rows that are added before a sum is stored again: as many streams are read side by side.
#define COLUMN_SUM_ROWS 8

INLINE void clear_floats(global_floats out, int length) {
  FOR_VECTORS(i, 0, length) { STORE_WITHIN((vec)(0.0f), out + i, length - i); }
}

// out[c] += sum over rows of x[r, c], in the order of the rows.
INLINE void add_to_columns(
    const_global_floats x, global_floats out, int rows, int columns, size_t stride) {
  for (int row = 0; row < rows; row += COLUMN_SUM_ROWS, x += COLUMN_SUM_ROWS * stride) {
    int count = min(rows - row, COLUMN_SUM_ROWS);
    FOR_VECTORS(i, 0, columns) {
      vec sum = LOAD(out + i);
      for (int k = 0; k < count; k++) {
        PREFETCH_OUTER(x + (k + 2 * COLUMN_SUM_ROWS) * stride + i);
        sum += LOAD(x + k * stride + i);
      }
      STORE_WITHIN(sum, out + i, columns - i);
    }
  }
}
