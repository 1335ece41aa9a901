// Layer normalisation over the last dimension (Ba et al., 2016). R rows, C = width.
//
//   mean = sum(x)/C    rstd = 1/sqrt(sum((x-mean)^2)/C + eps)    xhat = (x-mean) rstd
//   y = xhat w + b
//   dx = rstd (dy w - mean(dy w) - xhat mean(dy w xhat))
//   dw[c] = sum over rows of dy xhat     db[c] = sum over rows of dy
//
// Tiles, arguments and the residual: rows.cl. stats [R, 2] = mean, rstd.

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
