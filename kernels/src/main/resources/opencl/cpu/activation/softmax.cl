// Softmax of rows. R rows, C columns, rows `stride` apart; columns behind C are not touched.
//
//   y_j  = e^(x_j - max) / sum_k e^(x_k - max)
//   dx_j = y_j (dy_j - sum_k dy_k y_k)
//
// An element more than 87 below the maximum becomes 0, -infinity among them. A row of -infinity
// only, or with a NaN, becomes NaN.
//
//   tile: as many rows as make some ELEMENTS_PER_TILE floats

INLINE void softmax_row(const_global_floats x, global_floats y, int columns, int stride) {
  float largest = maximum_logit(x, columns);
  int next_row = distance_of_next_row(stride);
  vec sum = (vec)(0.0f);
  for (int i = 0; i < columns; i += LANES) {
    PREFETCH_LINE(x + i + next_row);
    PREFETCH_FOR_STORE(y + i);
    vec distance = LOAD(x + i) - largest;
    vec e = distance < (vec)(-87.0f) ? (vec)(0.0f) : exp_vec(distance);
    sum += columns - i < LANES ? keep_first(e, columns - i) : e;
    STORE_WITHIN(e, y + i, columns - i);
  }
  float factor = 1.0f / sum_of_lanes(sum);
  for (int i = 0; i < columns; i += LANES) {
    STORE_WITHIN(LOAD(y + i) * factor, y + i, columns - i);
  }
}

// arguments: 0 x, 2 y, 4 columns, 5 stride of x, 6 stride of y, 7 rows, 8 rows of a tile
INLINE void softmax_forward(const Command* command, int tile) {
  int row_end = min(INT(7), (tile + 1) * INT(8));
  for (int row = tile * INT(8); row < row_end; row++) {
    const_global_floats x = SPAN(0) + (size_t)row * INT(5);
    softmax_row(x, SPAN(2) + (size_t)row * INT(6), INT(4), INT(5));
  }
}

INLINE void softmax_backward_row(
    const_global_floats y, const_global_floats dy, global_floats dx, int columns) {
  vec sum = (vec)(0.0f);
  for (int i = 0; i < columns; i += LANES) {
    PREFETCH(y + i);
    PREFETCH(dy + i);
    PREFETCH_FOR_STORE(dx + i);
    vec product = LOAD(y + i) * LOAD(dy + i);
    sum += columns - i < LANES ? keep_first(product, columns - i) : product;
  }
  float projected = sum_of_lanes(sum);
  for (int i = 0; i < columns; i += LANES) {
    STORE_WITHIN(LOAD(y + i) * (LOAD(dy + i) - projected), dx + i, columns - i);
  }
}

// arguments: 0 y, 2 dy, 4 dx, 6 columns, 7 stride of y, 8 of dy, 9 of dx, 10 rows, 11 rows of a tile
INLINE void softmax_backward(const Command* command, int tile) {
  int row_end = min(INT(10), (tile + 1) * INT(11));
  for (int row = tile * INT(11); row < row_end; row++) {
    const_global_floats y = SPAN(0) + (size_t)row * INT(7);
    const_global_floats dy = SPAN(2) + (size_t)row * INT(8);
    softmax_backward_row(y, dy, SPAN(4) + (size_t)row * INT(9), INT(6));
  }
}
