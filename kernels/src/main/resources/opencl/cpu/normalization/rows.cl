// What layer_norm.cl and rms_norm.cl share. R rows, C = width.
//
//   x  [R, C]   forward, input gradient          parameter gradients
//      +-----------------------------+           +-----+-----+--
//      | tile 0: NORM_ROWS rows      |           |tile |tile |    a few panels of columns, all
//      +-----------------------------+           | 0   | 1   |    rows in order, like those of
//      | tile 1                      |           |     |     |    column_sum.cl
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
//                                    11 width, 12 accumulate, 13 columns of a tile

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
    PREFETCH(x + i);
    PREFETCH(residual + i);
    PREFETCH_FOR_STORE(sum + i);
    STORE_WITHIN(LOAD(x + i) + LOAD(residual + i), sum + i, width - i);
  }
  return sum;
}

// The sums below run in four chains, because a chain has to wait for each of its additions.

INLINE float row_sum(const_global_floats x, int width) {
  vec a = (vec)(0.0f), b = a, c = a, d = a;
  int i = 0;
  for (; i + 4 * LANES <= width; i += 4 * LANES) {
    PREFETCH(x + i);
    PREFETCH(x + i + LANES);
    PREFETCH(x + i + 2 * LANES);
    PREFETCH(x + i + 3 * LANES);
    a += LOAD(x + i);
    b += LOAD(x + i + LANES);
    c += LOAD(x + i + 2 * LANES);
    d += LOAD(x + i + 3 * LANES);
  }
  for (; i < width; i += LANES) {
    PREFETCH(x + i);
    vec value = LOAD(x + i);
    a += width - i < LANES ? keep_first(value, width - i) : value;
  }
  return sum_of_lanes((a + b) + (c + d));
}

INLINE vec add_square(vec x, float centre, vec sum) {
  vec distance = x - centre;
  return fma(distance, distance, sum);
}

// 1/sqrt(sum((x-centre)^2)/C + epsilon)
INLINE float row_rstd(const_global_floats x, float centre, int width, float epsilon) {
  vec a = (vec)(0.0f), b = a, c = a, d = a;
  int i = 0;
  for (; i + 4 * LANES <= width; i += 4 * LANES) {
    PREFETCH(x + i);
    PREFETCH(x + i + LANES);
    PREFETCH(x + i + 2 * LANES);
    PREFETCH(x + i + 3 * LANES);
    a = add_square(LOAD(x + i), centre, a);
    b = add_square(LOAD(x + i + LANES), centre, b);
    c = add_square(LOAD(x + i + 2 * LANES), centre, c);
    d = add_square(LOAD(x + i + 3 * LANES), centre, d);
  }
  for (; i < width; i += LANES) {
    PREFETCH(x + i);
    vec distance = LOAD(x + i) - centre;
    distance = width - i < LANES ? keep_first(distance, width - i) : distance;
    a = fma(distance, distance, a);
  }
  return 1.0f / sqrt(sum_of_lanes((a + b) + (c + d)) / width + epsilon);
}

// Stores one vector of an input gradient, added to what is there when accumulate is set.
INLINE void store_gradient(vec value, global_floats dx, int remaining, int accumulate) {
  if (accumulate) {
    value += LOAD(dx);
  }
  STORE_WITHIN(value, dx, remaining);
}
