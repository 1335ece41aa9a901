// Root mean square normalisation over the last dimension (Zhang and Sennrich, 2019). R rows,
// C = width.
//
//   rstd = 1/sqrt(sum(x^2)/C + eps)    xhat = x rstd    y = xhat w
//   dx = rstd (dy w - xhat mean(dy w xhat))             dw[c] = sum over rows of dy xhat
//
// Tiles and the residual are those of layer_norm.cl.

#ifndef RMS_NORM_ROWS
#define RMS_NORM_ROWS 8
#endif

// arguments: 0 x, 2 weight, 4 y, 6 stats[R], 8 residual or absent, 10 sum or absent, 12 rows,
//            13 width, 14 epsilon
INLINE void rms_norm_forward(const Command* command, int tile) {
  const_global_floats weight = SPAN(2);
  global_floats stats = SPAN(6);
  const_global_floats residual = SPAN(8);
  int rows = INT(12);
  int width = INT(13);
  float epsilon = FLOAT(14);
  int full = round_down(width, LANES);
  int row_end = min(rows, (tile + 1) * RMS_NORM_ROWS);
  for (int row = tile * RMS_NORM_ROWS; row < row_end; row++) {
    const_global_floats x = SPAN(0) + (size_t)row * width;
    global_floats y = SPAN(4) + (size_t)row * width;
    if (residual) {
      global_floats total = SPAN(10) + (size_t)row * width;
      add_rows(x, residual + (size_t)row * width, total, width);
      x = total;
    }
    vec squares = (vec)(0.0f);
    for (int i = 0; i < full; i += LANES) {
      vec value = LOAD(x + i);
      squares = fma(value, value, squares);
    }
    if (full < width) {
      vec value = keep_first(LOAD(x + full), width - full);
      squares = fma(value, value, squares);
    }
    float rstd = 1.0f / sqrt(sum_of_lanes(squares) / width + epsilon);
    stats[row] = rstd;
    for (int i = 0; i < width; i += LANES) {
      STORE_WITHIN(LOAD(x + i) * rstd * LOAD(weight + i), y + i, width - i);
    }
  }
}

// arguments: 0 x, 2 weight, 4 stats, 6 dy, 8 dx, 10 rows, 11 width, 12 accumulate
INLINE void rms_norm_backward_input(const Command* command, int tile) {
  const_global_floats weight = SPAN(2);
  const_global_floats stats = SPAN(4);
  int rows = INT(10);
  int width = INT(11);
  int accumulate = INT(12);
  int row_end = min(rows, (tile + 1) * RMS_NORM_ROWS);
  for (int row = tile * RMS_NORM_ROWS; row < row_end; row++) {
    const_global_floats x = SPAN(0) + (size_t)row * width;
    const_global_floats dy = SPAN(6) + (size_t)row * width;
    global_floats dx = SPAN(8) + (size_t)row * width;
    float rstd = stats[row];
    vec projected = (vec)(0.0f);
    for (int i = 0; i < width; i += LANES) {
      vec product = LOAD(dy + i) * LOAD(weight + i) * LOAD(x + i);
      projected += width - i < LANES ? keep_first(product, width - i) : product;
    }
    float slope = sum_of_lanes(projected) * rstd * rstd / width;
    for (int i = 0; i < width; i += LANES) {
      vec value = fma(LOAD(dy + i), LOAD(weight + i), LOAD(x + i) * -slope) * rstd;
      if (accumulate) {
        value += LOAD(dx + i);
      }
      STORE_WITHIN(value, dx + i, width - i);
    }
  }
}

// arguments: 0 x, 2 stats, 4 dy, 6 dweight, 8 rows, 9 width, 10 accumulate
INLINE void rms_norm_backward_weight(const Command* command, int tile) {
  int column = tile * PANEL;
  const_global_floats x = SPAN(0) + column;
  const_global_floats stats = SPAN(2);
  const_global_floats dy = SPAN(4) + column;
  global_floats dweight = SPAN(6) + column;
  int rows = INT(8);
  int width = INT(9);
  int live = width - column;
  vec sum0 = (vec)(0.0f), sum1 = (vec)(0.0f);
  if (INT(10)) {
    sum0 = LOAD(dweight);
    sum1 = LOAD(dweight + LANES);
  }
  for (int row = 0; row < rows; row++, x += width, dy += width) {
    float rstd = stats[row];
    sum0 = fma(LOAD(dy), LOAD(x) * rstd, sum0);
    sum1 = fma(LOAD(dy + LANES), LOAD(x + LANES) * rstd, sum1);
  }
  STORE_WITHIN(sum0, dweight, live);
  if (live > LANES) {
    STORE_WITHIN(sum1, dweight + LANES, live - LANES);
  }
}
