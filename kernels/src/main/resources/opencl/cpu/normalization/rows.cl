// What layer_norm.cl and rms_norm.cl share on CPUs; arguments: common/normalization/rows.cl.
//
//   x  [R, C]   forward, input gradient          parameter gradients
//      +-----------------------------+           +-----+-----+--
//      | tile 0: NORM_ROWS rows      |           |tile |tile |    a few panels of columns, all
//      +-----------------------------+           | 0   | 1   |    rows in order, like those of
//      | tile 1                      |           |     |     |    column_sum.cl

// Counts the rows of a tile.
#define FOR_NORM_ROWS(row, tile, rows) \
  for (int row = (tile) * NORM_ROWS; row < min((rows), ((tile) + 1) * NORM_ROWS); row++)

// The sums below run in four chains, because a chain has to wait for each of its additions.

INLINE float row_sum(const_global_floats x, int width) {
  vec a = (vec)(0.0f), b = a, c = a, d = a;
  int i = 0;
  for (; i + 4 * LANES <= width; i += 4 * LANES) {
    a += LOAD(x + i);
    b += LOAD(x + i + LANES);
    c += LOAD(x + i + 2 * LANES);
    d += LOAD(x + i + 3 * LANES);
  }
  for (; i < width; i += LANES) {
    vec value = LOAD(x + i);
    a += width - i < LANES ? keep_first(value, width - i) : value;
  }
  return sum_of_lanes((a + b) + (c + d));
}

INLINE vec add_square(vec x, float centre, vec sum) {
  vec distance = x - centre;
  return fma(distance, distance, sum);
}

// 1/sqrt(sum((x-centre)^2)/C + epsilon). Asks for the next row meanwhile.
INLINE float row_rstd(const_global_floats x, float centre, int width, float epsilon) {
  vec a = (vec)(0.0f), b = a, c = a, d = a;
  int i = 0;
  for (; i + 4 * LANES <= width; i += 4 * LANES) {
    PREFETCH_LINE(x + i + width);
    PREFETCH_LINE(x + i + width + LANES);
    PREFETCH_LINE(x + i + width + 2 * LANES);
    PREFETCH_LINE(x + i + width + 3 * LANES);
    a = add_square(LOAD(x + i), centre, a);
    b = add_square(LOAD(x + i + LANES), centre, b);
    c = add_square(LOAD(x + i + 2 * LANES), centre, c);
    d = add_square(LOAD(x + i + 3 * LANES), centre, d);
  }
  for (; i < width; i += LANES) {
    PREFETCH_LINE(x + i + width);
    vec distance = LOAD(x + i) - centre;
    distance = width - i < LANES ? keep_first(distance, width - i) : distance;
    a = fma(distance, distance, a);
  }
  return 1.0f / sqrt(sum_of_lanes((a + b) + (c + d)) / width + epsilon);
}
