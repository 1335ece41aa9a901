// Addition of a table of positions, sinusoidal (Vaswani et al., 2017) or learned.
//
//   y[r] = x[r] + table[starts[r / period] + r mod period]       x, y [R, C], table [positions, C]
//
// A row whose position is not in the table becomes NaN. The table's gradient is
// embedding_backward_positions.
//
//   arguments: 0 x, 2 table, 4 starts or absent: 0, 6 y, 8 rows, 9 width, 10 period, 11 positions
//   tile: EMBEDDING_ROWS rows

INLINE void position_add(const Command* command, int tile) {
  const_global_floats starts = SPAN(4);
  int width = INT(9);
  int row_end = min(INT(8), (tile + 1) * EMBEDDING_ROWS);
  for (int row = tile * EMBEDDING_ROWS; row < row_end; row++) {
    const_global_floats x = SPAN(0) + (size_t)row * width;
    global_floats y = SPAN(6) + (size_t)row * width;
    float position = (starts ? starts[row / INT(10)] : 0.0f) + row % INT(10);
    int valid = valid_id(position, INT(11));
    const_global_floats place = SPAN(2) + (valid ? (size_t)(int)position * width : 0);
    FOR_VECTORS(i, 0, width) {
      PREFETCH(x + i);
      PREFETCH_FOR_STORE(y + i);
      vec value = LOAD(x + i) + (valid ? LOAD(place + i) : (vec)(NAN));
      STORE_WITHIN(value, y + i, width - i);
    }
  }
}
