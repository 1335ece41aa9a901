// Column sums: the gradient of a bias.
//
//   out[c] = sum over r of x[r, c]       x [R, C], rows `stride` floats apart
//
//   +-------+-------+--
//   | tile 0| tile 1|      PANEL columns, all rows in order: a fixed order of summation,
//   |   |   |   |   |      no atomics, the same bits for any number of threads
//   |   v   |   v   |
//
//   arguments: 0 x, 2 out, 4 rows, 5 columns, 6 stride, 7 accumulate

INLINE void column_sum(const Command* command, int tile) {
  int column = tile * PANEL;
  const_global_floats x = SPAN(0) + column;
  global_floats out = SPAN(2) + column;
  int rows = INT(4);
  int live = INT(5) - column;
  int stride = INT(6);
  vec sum0 = (vec)(0.0f), sum1 = (vec)(0.0f);
  if (INT(7)) {
    sum0 = LOAD(out);
    sum1 = LOAD(out + LANES);
  }
  for (int row = 0; row < rows; row++, x += stride) {
    sum0 += LOAD(x);
    sum1 += LOAD(x + LANES);
  }
  STORE_WITHIN(sum0, out, live);
  if (live > LANES) {
    STORE_WITHIN(sum1, out + LANES, live - LANES);
  }
}
