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

INLINE void column_sum(const Command* command, int tile) {
  int column = tile * INT(8);
  int columns = min(INT(5) - column, INT(8));
  global_floats out = SPAN(2) + column;
  if (!INT(7)) {
    clear_floats(out, columns);
  }
  add_to_columns(SPAN(0) + column, out, INT(4), columns, INT(6));
}
