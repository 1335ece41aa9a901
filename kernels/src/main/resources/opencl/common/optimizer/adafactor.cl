// Adafactor (Shazeer and Stern, 2018) of a matrix p [R, C]: the second moment is kept as one mean
// per row and one per column. A vector is a matrix of one row, whose factored form is exact.
//
//   g'   = scale g        s = g'^2 + eps1
//   r[i] = b r[i] + (1-b) mean over row i of s       c[j] = b c[j] + (1-b) mean over column j of s
//   u    = g' / sqrt(r[i] / mean(r) c[j])
//   a    = lr max(eps2, rms(p)) / max(1, rms(u) / clip)      without parameter scale: lr / max(…)
//   p    = p (1 - lr wd) - a u
//
//   commands, each after the one before; every sum has one order:
//     rows      tile: ADAFACTOR_ROWS rows, means along rows            r
//     columns   tile: PANEL columns, all rows in order                 c
//     mean      one tile                                               totals[0] = mean(r)
//     norms     tile: ADAFACTOR_ROWS rows                              norms[2i], norms[2i+1]
//     totals    one tile: sums of the norms, in double                 totals[1], totals[2]
//     apply     tile: ADAFACTOR_ROWS rows                              p

INLINE vec adafactor_update(vec g, float row_share, vec column_moment) {
  return g / sqrt(column_moment * row_share);
}

// arguments: 0 p, 2 g, 4 row moment, 6 column moment, 8 step, 10 totals, 12 rows, 13 columns,
//            14 clip, 15 wd, 16 eps2, or a negative number for no parameter scale
INLINE void adafactor_apply(const Command* command, int tile) {
  const_global_floats column_moment = SPAN(6);
  const_global_floats step = SPAN(8);
  const_global_floats totals = SPAN(10);
  float learning_rate = step[0];
  float gradient_scale = step[2];
  int columns = INT(13);
  float epsilon = FLOAT(16);
  float rate = learning_rate / fmax(1.0f, totals[1] / FLOAT(14));
  if (epsilon >= 0.0f) {
    rate *= fmax(epsilon, totals[2]);
  }
  float decay = 1.0f - learning_rate * FLOAT(15);
  int row_end = min(INT(12), (tile + 1) * ADAFACTOR_ROWS);
  for (int row = tile * ADAFACTOR_ROWS; row < row_end; row++) {
    global_floats parameters = SPAN(0) + (size_t)row * columns;
    const_global_floats gradients = SPAN(2) + (size_t)row * columns;
    float share = SPAN(4)[row] / totals[0];
    FOR_VECTORS(i, 0, columns) {
      vec g = LOAD(gradients + i) * gradient_scale;
      vec u = adafactor_update(g, share, LOAD(column_moment + i));
      vec p = fma(u, (vec)(-rate), LOAD(parameters + i) * decay);
      STORE_WITHIN(p, parameters + i, columns - i);
    }
  }
}
