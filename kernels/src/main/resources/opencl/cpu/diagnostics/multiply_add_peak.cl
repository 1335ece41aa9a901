// The fastest the device can multiply and add: the ceiling of the matrix products in a benchmark.
//
//   Twelve independent accumulators, enough to hide the latency of a fused multiply-add; nothing is
//   loaded in the loop. A tile is 24 * LANES * rounds floating-point operations.
//
//   arguments: 0 out (one float per tile), 2 rounds, 3 multiplier (1 keeps the values finite)

INLINE void multiply_add_peak(const Command* command, int tile) {
  vec x = (vec)(FLOAT(3));
  vec y = (vec)(1e-9f);
  vec c0 = y, c1 = y, c2 = y, c3 = y, c4 = y, c5 = y;
  vec c6 = y, c7 = y, c8 = y, c9 = y, c10 = y, c11 = y;
  int rounds = INT(2);
  for (int i = 0; i < rounds; i++) {
    c0 = fma(c0, x, y);
    c1 = fma(c1, x, y);
    c2 = fma(c2, x, y);
    c3 = fma(c3, x, y);
    c4 = fma(c4, x, y);
    c5 = fma(c5, x, y);
    c6 = fma(c6, x, y);
    c7 = fma(c7, x, y);
    c8 = fma(c8, x, y);
    c9 = fma(c9, x, y);
    c10 = fma(c10, x, y);
    c11 = fma(c11, x, y);
  }
  vec sum = c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11;
  SPAN(0)[tile] = sum_of_lanes(sum);
}
