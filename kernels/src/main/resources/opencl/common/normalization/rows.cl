// What layer and root mean square normalisation share in both forms. R rows, C = width.
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
  FOR_VECTORS(i, 0, width) {
    PREFETCH(x + i);
    PREFETCH(residual + i);
    PREFETCH_FOR_STORE(sum + i);
    STORE_WITHIN(LOAD(x + i) + LOAD(residual + i), sum + i, width - i);
  }
  return sum;
}

// Stores one vector of an input gradient, added to what is there when accumulate is set.
INLINE void store_gradient(vec value, global_floats dx, int remaining, int accumulate) {
  if (accumulate) {
    value += LOAD(dx);
  }
  STORE_WITHIN(value, dx, remaining);
}
