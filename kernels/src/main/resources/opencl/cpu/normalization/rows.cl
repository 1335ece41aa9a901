// What layer_norm.cl and rms_norm.cl share. R rows, C = width.
//
//   x  [R, C]   forward, input gradient          parameter gradients
//      +-----------------------------+           +-----+-----+--
//      | tile 0: NORM_ROWS rows      |           |tile |tile |
//      +-----------------------------+           | 0   | 1   |    PANEL columns, all rows in order
//      | tile 1                      |           |     |     |
//
// With a residual, x + residual is stored as the sum and normalised in its place (one pass over the
// row while it is in the first-level cache). The gradient of the sum is the one below, added to the
// gradient that reaches the sum from elsewhere: x = sum, accumulate.
//
//   arguments, forward:              0 x, 2 weight, 4 bias or absent, 6 y, 8 stats, 10 residual or
//                                    absent, 12 sum or absent, 14 rows, 15 width, 16 epsilon
//   arguments, input gradient:       0 x, 2 weight, 4 stats, 6 dy, 8 dx, 10 rows, 11 width,
//                                    12 accumulate
//   arguments, parameter gradients:  0 x, 2 stats, 4 dy, 6 dweight, 8 dbias or absent, 10 rows,
//                                    11 width, 12 accumulate

// Counts the rows of a tile.
#define FOR_NORM_ROWS(row, tile, rows) \
  for (int row = (tile) * NORM_ROWS; row < min((rows), ((tile) + 1) * NORM_ROWS); row++)

// The row that a forward pass normalises: x, or the sum with the residual, which is stored first.
INLINE const_global_floats norm_input(const Command* command, int row) {
  int width = INT(15);
  const_global_floats x = SPAN(0) + (size_t)row * width;
  const_global_floats residual = SPAN(10);
  if (!residual) {
    return x;
  }
  residual += (size_t)row * width;
  global_floats sum = SPAN(12) + (size_t)row * width;
  for (int i = 0; i < width; i += LANES) {
    STORE_WITHIN(LOAD(x + i) + LOAD(residual + i), sum + i, width - i);
  }
  return sum;
}

INLINE float row_sum(const_global_floats x, int width) {
  int full = round_down(width, LANES);
  vec sum = (vec)(0.0f);
  for (int i = 0; i < full; i += LANES) {
    sum += LOAD(x + i);
  }
  if (full < width) {
    sum += keep_first(LOAD(x + full), width - full);
  }
  return sum_of_lanes(sum);
}

// 1/sqrt(sum((x-centre)^2)/C + epsilon)
INLINE float row_rstd(const_global_floats x, float centre, int width, float epsilon) {
  int full = round_down(width, LANES);
  vec squares = (vec)(0.0f);
  for (int i = 0; i < full; i += LANES) {
    vec d = LOAD(x + i) - centre;
    squares = fma(d, d, squares);
  }
  if (full < width) {
    vec d = keep_first(LOAD(x + full) - centre, width - full);
    squares = fma(d, d, squares);
  }
  return 1.0f / sqrt(sum_of_lanes(squares) / width + epsilon);
}

// Stores one vector of an input gradient, added to what is there when accumulate is set.
INLINE void store_gradient(vec value, global_floats dx, int remaining, int accumulate) {
  if (accumulate) {
    value += LOAD(dx);
  }
  STORE_WITHIN(value, dx, remaining);
}
