// The means and sums of Adafactor; formulas and commands: common/optimizer/adafactor.cl.

// arguments: 0 g, 2 row moment, 4 step (lr, b, scale), 6 rows, 7 columns, 8 eps1
INLINE void adafactor_rows(const Command* command, int tile) {
  global_floats moment = SPAN(2);
  const_global_floats step = SPAN(4);
  float beta = step[1];
  float gradient_scale = step[2];
  int columns = INT(7);
  float epsilon = FLOAT(8);
  int row_end = min(INT(6), (tile + 1) * ADAFACTOR_ROWS);
  for (int row = tile * ADAFACTOR_ROWS; row < row_end; row++) {
    const_global_floats gradients = SPAN(0) + (size_t)row * columns;
    vec sum = (vec)(0.0f);
    for (int i = 0; i < columns; i += LANES) {
      vec g = LOAD(gradients + i) * gradient_scale;
      vec square = fma(g, g, (vec)(epsilon));
      sum += columns - i < LANES ? keep_first(square, columns - i) : square;
    }
    moment[row] = fma(beta, moment[row], (1.0f - beta) * (sum_of_lanes(sum) / columns));
  }
}

// arguments: 0 g, 2 column moment, 4 step, 6 rows, 7 columns, 8 eps1
INLINE void adafactor_columns(const Command* command, int tile) {
  int column = tile * PANEL;
  const_global_floats gradients = SPAN(0) + column;
  global_floats moment = SPAN(2) + column;
  const_global_floats step = SPAN(4);
  float beta = step[1];
  float gradient_scale = step[2];
  int rows = INT(6);
  int columns = INT(7);
  float epsilon = FLOAT(8);
  int live = columns - column;
  vec sum0 = (vec)(0.0f), sum1 = (vec)(0.0f);
  for (int row = 0; row < rows; row++, gradients += columns) {
    vec g0 = LOAD(gradients) * gradient_scale;
    vec g1 = LOAD(gradients + LANES) * gradient_scale;
    sum0 += fma(g0, g0, (vec)(epsilon));
    sum1 += fma(g1, g1, (vec)(epsilon));
  }
  float share = (1.0f - beta) / rows;
  STORE_WITHIN(fma(LOAD(moment), (vec)(beta), sum0 * share), moment, live);
  if (live > LANES) {
    vec value = fma(LOAD(moment + LANES), (vec)(beta), sum1 * share);
    STORE_WITHIN(value, moment + LANES, live - LANES);
  }
}

// arguments: 0 row moment, 2 totals, 4 rows
INLINE void adafactor_mean(const Command* command, int tile) {
  const_global_floats moment = SPAN(0);
  int rows = INT(4);
  double sum = 0.0;
  for (int row = 0; row < rows; row++) {
    sum += moment[row];
  }
  SPAN(2)[0] = (float)(sum / rows);
}

// Sums of squares of u and p per row.
//
//   arguments: 0 p, 2 g, 4 row moment, 6 column moment, 8 step, 10 totals, 12 norms, 14 rows,
//              15 columns
INLINE void adafactor_norms(const Command* command, int tile) {
  const_global_floats column_moment = SPAN(6);
  float gradient_scale = SPAN(8)[2];
  float mean = SPAN(10)[0];
  global_floats norms = SPAN(12);
  int columns = INT(15);
  int row_end = min(INT(14), (tile + 1) * ADAFACTOR_ROWS);
  for (int row = tile * ADAFACTOR_ROWS; row < row_end; row++) {
    const_global_floats parameters = SPAN(0) + (size_t)row * columns;
    const_global_floats gradients = SPAN(2) + (size_t)row * columns;
    float share = SPAN(4)[row] / mean;
    vec updates = (vec)(0.0f), values = (vec)(0.0f);
    for (int i = 0; i < columns; i += LANES) {
      vec g = LOAD(gradients + i) * gradient_scale;
      vec u = adafactor_update(g, share, LOAD(column_moment + i));
      vec p = LOAD(parameters + i);
      if (columns - i < LANES) {
        u = keep_first(u, columns - i);
        p = keep_first(p, columns - i);
      }
      updates = fma(u, u, updates);
      values = fma(p, p, values);
    }
    norms[2 * row] = sum_of_lanes(updates);
    norms[2 * row + 1] = sum_of_lanes(values);
  }
}

// arguments: 0 norms, 2 totals (behind the mean: rms of u, rms of p), 4 rows, 5 columns
INLINE void adafactor_totals(const Command* command, int tile) {
  const_global_floats norms = SPAN(0);
  global_floats totals = SPAN(2);
  int rows = INT(4);
  double updates = 0.0, values = 0.0;
  for (int row = 0; row < rows; row++) {
    updates += norms[2 * row];
    values += norms[2 * row + 1];
  }
  double count = (double)rows * INT(5);
  totals[0] = sqrt((float)(updates / count));
  totals[1] = sqrt((float)(values / count));
}
