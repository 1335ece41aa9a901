// Layer normalisation over the last dimension (Ba et al., 2016). R rows, C = width.
//
//   mean = sum(x)/C    rstd = 1/sqrt(sum((x-mean)^2)/C + eps)    xhat = (x-mean) rstd
//   y = xhat w + b
//   dx = rstd (dy w - mean(dy w) - xhat mean(dy w xhat))
//   dw[c] = sum over rows of dy xhat     db[c] = sum over rows of dy
//
//   x  [R, C]   forward, input gradient          parameter gradient
//      +-----------------------------+           +-----+-----+--
//      | tile 0: LAYER_NORM_ROWS rows|           |tile |tile |
//      +-----------------------------+           | 0   | 1   |    PANEL columns, all rows in order
//      | tile 1                      |           |     |     |
//
// With a residual, x + residual is stored as the sum and normalised in its place (one pass over the
// row while it is in the first-level cache). The gradient of the sum is the one below, added to the
// gradient that reaches the sum from elsewhere: x = sum, accumulate.

#ifndef LAYER_NORM_ROWS
#define LAYER_NORM_ROWS 8
#endif

// Stores x + residual as the sum of one row.
INLINE void add_rows(
    const_global_floats x, const_global_floats residual, global_floats sum, int width) {
  for (int i = 0; i < width; i += LANES) {
    STORE_WITHIN(LOAD(x + i) + LOAD(residual + i), sum + i, width - i);
  }
}

// arguments: 0 x, 2 weight, 4 bias, 6 y, 8 stats[R, 2], 10 residual or absent, 12 sum or absent,
//            14 rows, 15 width, 16 epsilon
INLINE void layer_norm_forward(const Command* command, int tile) {
  const_global_floats weight = SPAN(2);
  const_global_floats bias = SPAN(4);
  global_floats stats = SPAN(8);
  const_global_floats residual = SPAN(10);
  int rows = INT(14);
  int width = INT(15);
  float epsilon = FLOAT(16);
  int full = round_down(width, LANES);
  int row_end = min(rows, (tile + 1) * LAYER_NORM_ROWS);
  for (int row = tile * LAYER_NORM_ROWS; row < row_end; row++) {
    const_global_floats x = SPAN(0) + (size_t)row * width;
    global_floats y = SPAN(6) + (size_t)row * width;
    if (residual) {
      global_floats total = SPAN(12) + (size_t)row * width;
      add_rows(x, residual + (size_t)row * width, total, width);
      x = total;
    }
    vec sum = (vec)(0.0f);
    for (int i = 0; i < full; i += LANES) {
      sum += LOAD(x + i);
    }
    if (full < width) {
      sum += keep_first(LOAD(x + full), width - full);
    }
    float mean = sum_of_lanes(sum) / width;
    vec squares = (vec)(0.0f);
    for (int i = 0; i < full; i += LANES) {
      vec d = LOAD(x + i) - mean;
      squares = fma(d, d, squares);
    }
    if (full < width) {
      vec d = keep_first(LOAD(x + full) - mean, width - full);
      squares = fma(d, d, squares);
    }
    float rstd = 1.0f / sqrt(sum_of_lanes(squares) / width + epsilon);
    stats[2 * row] = mean;
    stats[2 * row + 1] = rstd;
    for (int i = 0; i < width; i += LANES) {
      vec value = fma((LOAD(x + i) - mean) * rstd, LOAD(weight + i), LOAD(bias + i));
      STORE_WITHIN(value, y + i, width - i);
    }
  }
}

// arguments: 0 x, 2 weight, 4 stats, 6 dy, 8 dx, 10 rows, 11 width, 12 accumulate
INLINE void layer_norm_backward_input(const Command* command, int tile) {
  const_global_floats weight = SPAN(2);
  const_global_floats stats = SPAN(4);
  int rows = INT(10);
  int width = INT(11);
  int accumulate = INT(12);
  int row_end = min(rows, (tile + 1) * LAYER_NORM_ROWS);
  for (int row = tile * LAYER_NORM_ROWS; row < row_end; row++) {
    const_global_floats x = SPAN(0) + (size_t)row * width;
    const_global_floats dy = SPAN(6) + (size_t)row * width;
    global_floats dx = SPAN(8) + (size_t)row * width;
    float mean = stats[2 * row];
    float rstd = stats[2 * row + 1];
    vec weighted_sum = (vec)(0.0f);
    vec projected_sum = (vec)(0.0f);
    for (int i = 0; i < width; i += LANES) {
      vec weighted = LOAD(dy + i) * LOAD(weight + i);
      vec normal = (LOAD(x + i) - mean) * rstd;
      if (width - i < LANES) {
        weighted = keep_first(weighted, width - i);
        normal = keep_first(normal, width - i);
      }
      weighted_sum += weighted;
      projected_sum = fma(weighted, normal, projected_sum);
    }
    float weighted_mean = sum_of_lanes(weighted_sum) / width;
    float projected_mean = sum_of_lanes(projected_sum) / width;
    for (int i = 0; i < width; i += LANES) {
      vec normal = (LOAD(x + i) - mean) * rstd;
      vec centred = fma(LOAD(dy + i), LOAD(weight + i), (vec)(-weighted_mean));
      vec value = (centred - normal * projected_mean) * rstd;
      if (accumulate) {
        value += LOAD(dx + i);
      }
      STORE_WITHIN(value, dx + i, width - i);
    }
  }
}

// arguments: 0 x, 2 stats, 4 dy, 6 dweight, 8 dbias, 10 rows, 11 width, 12 accumulate
INLINE void layer_norm_backward_parameters(const Command* command, int tile) {
  int column = tile * PANEL;
  const_global_floats x = SPAN(0) + column;
  const_global_floats stats = SPAN(2);
  const_global_floats dy = SPAN(4) + column;
  global_floats dweight = SPAN(6) + column;
  global_floats dbias = SPAN(8) + column;
  int rows = INT(10);
  int width = INT(11);
  vec weight0 = (vec)(0.0f), weight1 = (vec)(0.0f);
  vec bias0 = (vec)(0.0f), bias1 = (vec)(0.0f);
  if (INT(12)) {
    weight0 = LOAD(dweight);
    weight1 = LOAD(dweight + LANES);
    bias0 = LOAD(dbias);
    bias1 = LOAD(dbias + LANES);
  }
  for (int row = 0; row < rows; row++, x += width, dy += width) {
    float mean = stats[2 * row];
    float rstd = stats[2 * row + 1];
    vec g0 = LOAD(dy);
    vec g1 = LOAD(dy + LANES);
    bias0 += g0;
    bias1 += g1;
    weight0 = fma(g0, (LOAD(x) - mean) * rstd, weight0);
    weight1 = fma(g1, (LOAD(x + LANES) - mean) * rstd, weight1);
  }
  int live = width - column;
  STORE_WITHIN(weight0, dweight, live);
  STORE_WITHIN(bias0, dbias, live);
  if (live > LANES) {
    STORE_WITHIN(weight1, dweight + LANES, live - LANES);
    STORE_WITHIN(bias1, dbias + LANES, live - LANES);
  }
}
