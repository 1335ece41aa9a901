// Root mean square normalisation over the last dimension (Zhang and Sennrich, 2019). R rows,
// C = width.
//
//   rstd = 1/sqrt(sum(x^2)/C + eps)    xhat = x rstd    y = xhat w
//   dx = rstd (dy w - xhat mean(dy w xhat))             dw[c] = sum over rows of dy xhat
//
// Tiles: rows.cl; arguments and the residual: common/normalization/rows.cl. stats [R] = rstd; there is no bias.

INLINE void rms_norm_forward(const Command* command, int tile) {
  const_global_floats weight = SPAN(2);
  global_floats stats = SPAN(8);
  int width = INT(15);
  FOR_NORM_ROWS(row, tile, INT(14)) {
    const_global_floats x = norm_input(command, row);
    global_floats y = SPAN(6) + (size_t)row * width;
    float rstd = row_rstd(x, 0.0f, width, FLOAT(16));
    stats[row] = rstd;
    for (int i = 0; i < width; i += LANES) {
      PREFETCH_FOR_STORE(y + i);
      STORE_WITHIN(LOAD(x + i) * rstd * LOAD(weight + i), y + i, width - i);
    }
  }
}

INLINE void rms_norm_backward_input(const Command* command, int tile) {
  const_global_floats weight = SPAN(2);
  const_global_floats stats = SPAN(4);
  int width = INT(11);
  int accumulate = INT(12);
  FOR_NORM_ROWS(row, tile, INT(10)) {
    const_global_floats x = SPAN(0) + (size_t)row * width;
    const_global_floats dy = SPAN(6) + (size_t)row * width;
    global_floats dx = SPAN(8) + (size_t)row * width;
    float rstd = stats[row];
    vec projected = (vec)(0.0f);
    for (int i = 0; i < width; i += LANES) {
      PREFETCH(x + i);
      PREFETCH(dy + i);
      PREFETCH_FOR_STORE(dx + i);
      vec product = LOAD(dy + i) * LOAD(weight + i) * LOAD(x + i);
      projected += width - i < LANES ? keep_first(product, width - i) : product;
    }
    float slope = sum_of_lanes(projected) * rstd * rstd / width;
    for (int i = 0; i < width; i += LANES) {
      vec value = fma(LOAD(dy + i), LOAD(weight + i), LOAD(x + i) * -slope) * rstd;
      store_gradient(value, dx + i, width - i, accumulate);
    }
  }
}

INLINE void rms_norm_backward_weight(const Command* command, int tile) {
  int column = tile * INT(13);
  int columns = min(INT(11) - column, INT(13));
  int rows = INT(10);
  size_t width = INT(11);
  const_global_floats x = SPAN(0) + column;
  const_global_floats stats = SPAN(2);
  const_global_floats dy = SPAN(4) + column;
  global_floats dweight = SPAN(6) + column;
  if (!INT(12)) {
    clear_floats(dweight, columns);
  }
  for (int row = 0; row < rows; row += COLUMN_SUM_ROWS) {
    int row_end = min(rows, row + COLUMN_SUM_ROWS);
    for (int i = 0; i < columns; i += LANES) {
      vec sum = LOAD(dweight + i);
      for (int r = row; r < row_end; r++) {
        PREFETCH_LINE(x + (r + COLUMN_SUM_ROWS) * width + i);
        PREFETCH_LINE(dy + (r + COLUMN_SUM_ROWS) * width + i);
        sum = fma(LOAD(dy + r * width + i), LOAD(x + r * width + i) * stats[r], sum);
      }
      STORE_WITHIN(sum, dweight + i, columns - i);
    }
  }
}
