// Layer normalisation over the last dimension (Ba et al., 2016). R rows, C = width.
//
//   mean = sum(x)/C    rstd = 1/sqrt(sum((x-mean)^2)/C + eps)    xhat = (x-mean) rstd
//   y = xhat w + b
//   dx = rstd (dy w - mean(dy w) - xhat mean(dy w xhat))
//   dw[c] = sum over rows of dy xhat     db[c] = sum over rows of dy
//
// Tiles: rows.cl; arguments and the residual: common/normalization/rows.cl. stats [R, 2] = mean, rstd.

INLINE void layer_norm_forward(const Command* command, int tile) {
  const_global_floats weight = SPAN(2);
  const_global_floats bias = SPAN(4);
  global_floats stats = SPAN(8);
  int width = INT(15);
  FOR_NORM_ROWS(row, tile, INT(14)) {
    const_global_floats x = norm_input(command, row);
    global_floats y = SPAN(6) + (size_t)row * width;
    float mean = row_sum(x, width) / width;
    float rstd = row_rstd(x, mean, width, FLOAT(16));
    stats[2 * row] = mean;
    stats[2 * row + 1] = rstd;
    for (int i = 0; i < width; i += LANES) {
      PREFETCH_FOR_STORE(y + i);
      vec value = fma((LOAD(x + i) - mean) * rstd, LOAD(weight + i), LOAD(bias + i));
      STORE_WITHIN(value, y + i, width - i);
    }
  }
}

INLINE void layer_norm_backward_input(const Command* command, int tile) {
  const_global_floats weight = SPAN(2);
  const_global_floats stats = SPAN(4);
  int width = INT(11);
  int accumulate = INT(12);
  FOR_NORM_ROWS(row, tile, INT(10)) {
    const_global_floats x = SPAN(0) + (size_t)row * width;
    const_global_floats dy = SPAN(6) + (size_t)row * width;
    global_floats dx = SPAN(8) + (size_t)row * width;
    float mean = stats[2 * row];
    float rstd = stats[2 * row + 1];
    vec weighted_sum = (vec)(0.0f);
    vec projected_sum = (vec)(0.0f);
    for (int i = 0; i < width; i += LANES) {
      PREFETCH(x + i);
      PREFETCH(dy + i);
      PREFETCH_FOR_STORE(dx + i);
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
      store_gradient((centred - normal * projected_mean) * rstd, dx + i, width - i, accumulate);
    }
  }
}

INLINE void layer_norm_backward_parameters(const Command* command, int tile) {
  int column = tile * INT(13);
  int columns = min(INT(11) - column, INT(13));
  int rows = INT(10);
  size_t width = INT(11);
  const_global_floats x = SPAN(0) + column;
  const_global_floats stats = SPAN(2);
  const_global_floats dy = SPAN(4) + column;
  global_floats dweight = SPAN(6) + column;
  global_floats dbias = SPAN(8) + column;
  if (!INT(12)) {
    clear_floats(dweight, columns);
    clear_floats(dbias, columns);
  }
  for (int row = 0; row < rows; row += COLUMN_SUM_ROWS) {
    int row_end = min(rows, row + COLUMN_SUM_ROWS);
    for (int i = 0; i < columns; i += LANES) {
      vec weight_sum = LOAD(dweight + i);
      vec bias_sum = LOAD(dbias + i);
      for (int r = row; r < row_end; r++) {
        PREFETCH_LINE(x + (r + COLUMN_SUM_ROWS) * width + i);
        PREFETCH_LINE(dy + (r + COLUMN_SUM_ROWS) * width + i);
        vec g = LOAD(dy + r * width + i);
        vec normal = (LOAD(x + r * width + i) - stats[2 * r]) * stats[2 * r + 1];
        bias_sum += g;
        weight_sum = fma(g, normal, weight_sum);
      }
      STORE_WITHIN(weight_sum, dweight + i, columns - i);
      STORE_WITHIN(bias_sum, dbias + i, columns - i);
    }
  }
}
