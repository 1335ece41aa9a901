// Sums over rows, COLUMNS neighbouring columns to a group: the rows are dealt out to SLICES items per
// column, whose sums are added pairwise. The order depends on nothing but the number of rows.
//
//   items   | 0 … 7 | 8 … 15 | …     slice 0 has rows 0, 32, 64 …   slice 1 has rows 1, 33, 65 …
//
// Few columns to a group make many groups: a matrix has no more than some thousand of them. Eight are
// what a GPU fetches from memory at once.

#define COLUMNS 8
#define SLICES (GROUP_ITEMS / COLUMNS)

#define FOR_COLUMN_BLOCKS(column, columns) \
  for (int column = GROUP * COLUMNS + ITEM % COLUMNS; column - ITEM % COLUMNS < (columns); \
       column += GROUPS * COLUMNS)

// The rows of an item's slice; none for a column behind the last. Write UNROLL_ROWS before it: loads
// of several rows must be under way at once.
#define UNROLL_ROWS _Pragma("unroll 8")
#define FOR_SLICE_ROWS(row, rows, column, columns) \
  for (int row = (column) < (columns) ? ITEM / COLUMNS : (rows); row < (rows); row += SLICES)

// The sum of a column's slices, for all items of the column.
INLINE float sum_of_slices(float value, local_floats scratch) {
  scratch[ITEM] = value;
  LOCAL_BARRIER;
  for (int step = SLICES / 2; step > 0; step /= 2) {
    if (ITEM < step * COLUMNS) {
      scratch[ITEM] += scratch[ITEM + step * COLUMNS];
    }
    LOCAL_BARRIER;
  }
  float sum = scratch[ITEM % COLUMNS];
  LOCAL_BARRIER;
  return sum;
}

// Stores a column's sum, or adds it to what is there; one item per column does.
INLINE void store_column(float sum, global_floats out, int column, int columns, int accumulate) {
  if (ITEM < COLUMNS && column < columns) {
    out[column] = accumulate ? out[column] + sum : sum;
  }
}
