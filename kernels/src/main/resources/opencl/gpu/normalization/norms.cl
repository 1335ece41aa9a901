// GPU forms of layer and root mean square normalisation: a group per row, and for the gradients of
// the parameters a group per block of columns. Formulas and arguments: common/normalization/rows.cl,
// cpu/normalization/.

INLINE float group_rstd(
    const_global_floats x, float centre, int width, float epsilon, local_floats scratch) {
  float squares = 0.0f;
  FOR_VECTORS(i, 0, width) {
    float distance = x[i] - centre;
    squares = fma(distance, distance, squares);
  }
  // OpenCL lets both the root and the quotient be off by three roundings; one step of Newton's method
  // makes up for that, which rows of nearly equal numbers need.
  float variance = group_sum(squares, scratch) / width + epsilon;
  float rstd = 1.0f / sqrt(variance);
  return fma(0.5f * rstd, fma(-variance * rstd, rstd, 1.0f), rstd);
}

KERNEL(layer_norm_forward) {
  __local float scratch[GROUP_ITEMS];
  BEGIN_KERNEL;
  const_global_floats weight = SPAN(2);
  const_global_floats bias = SPAN(4);
  global_floats stats = SPAN(8);
  int width = INT(15);
  FOR_PIECES(row, INT(14)) {
    const_global_floats x = norm_input(command, row);
    global_floats y = SPAN(6) + (size_t)row * width;
    float sum = 0.0f;
    FOR_VECTORS(i, 0, width) { sum += x[i]; }
    float mean = group_sum(sum, scratch) / width;
    float rstd = group_rstd(x, mean, width, FLOAT(16), scratch);
    if (ITEM == 0) {
      stats[2 * row] = mean;
      stats[2 * row + 1] = rstd;
    }
    FOR_VECTORS(i, 0, width) { y[i] = fma((x[i] - mean) * rstd, weight[i], bias[i]); }
  }
}

KERNEL(layer_norm_backward_input) {
  __local float scratch[GROUP_ITEMS];
  BEGIN_KERNEL;
  const_global_floats weight = SPAN(2);
  const_global_floats stats = SPAN(4);
  int width = INT(11);
  FOR_PIECES(row, INT(10)) {
    const_global_floats x = SPAN(0) + (size_t)row * width;
    const_global_floats dy = SPAN(6) + (size_t)row * width;
    global_floats dx = SPAN(8) + (size_t)row * width;
    float mean = stats[2 * row];
    float rstd = stats[2 * row + 1];
    float weighted_sum = 0.0f;
    float projected_sum = 0.0f;
    FOR_VECTORS(i, 0, width) {
      float weighted = dy[i] * weight[i];
      weighted_sum += weighted;
      projected_sum = fma(weighted, (x[i] - mean) * rstd, projected_sum);
    }
    float weighted_mean = group_sum(weighted_sum, scratch) / width;
    float projected_mean = group_sum(projected_sum, scratch) / width;
    FOR_VECTORS(i, 0, width) {
      float normal = (x[i] - mean) * rstd;
      float centred = fma(dy[i], weight[i], -weighted_mean);
      store_gradient((centred - normal * projected_mean) * rstd, dx + i, width - i, INT(12));
    }
  }
}

KERNEL(layer_norm_backward_parameters) {
  __local float scratch[GROUP_ITEMS];
  BEGIN_KERNEL;
  const_global_floats x = SPAN(0);
  const_global_floats stats = SPAN(2);
  const_global_floats dy = SPAN(4);
  int rows = INT(10);
  int width = INT(11);
  FOR_COLUMN_BLOCKS(column, width) {
    float dweight = 0.0f;
    float dbias = 0.0f;
    UNROLL_ROWS
    FOR_SLICE_ROWS(row, rows, column, width) {
      float g = dy[(size_t)row * width + column];
      float normal = (x[(size_t)row * width + column] - stats[2 * row]) * stats[2 * row + 1];
      dbias += g;
      dweight = fma(g, normal, dweight);
    }
    store_column(sum_of_slices(dweight, scratch), SPAN(6), column, width, INT(12));
    store_column(sum_of_slices(dbias, scratch), SPAN(8), column, width, INT(12));
  }
}

KERNEL(rms_norm_forward) {
  __local float scratch[GROUP_ITEMS];
  BEGIN_KERNEL;
  const_global_floats weight = SPAN(2);
  global_floats stats = SPAN(8);
  int width = INT(15);
  FOR_PIECES(row, INT(14)) {
    const_global_floats x = norm_input(command, row);
    global_floats y = SPAN(6) + (size_t)row * width;
    float rstd = group_rstd(x, 0.0f, width, FLOAT(16), scratch);
    if (ITEM == 0) {
      stats[row] = rstd;
    }
    FOR_VECTORS(i, 0, width) { y[i] = x[i] * rstd * weight[i]; }
  }
}

KERNEL(rms_norm_backward_input) {
  __local float scratch[GROUP_ITEMS];
  BEGIN_KERNEL;
  const_global_floats weight = SPAN(2);
  const_global_floats stats = SPAN(4);
  int width = INT(11);
  FOR_PIECES(row, INT(10)) {
    const_global_floats x = SPAN(0) + (size_t)row * width;
    const_global_floats dy = SPAN(6) + (size_t)row * width;
    global_floats dx = SPAN(8) + (size_t)row * width;
    float rstd = stats[row];
    float projected = 0.0f;
    FOR_VECTORS(i, 0, width) { projected = fma(dy[i] * weight[i], x[i], projected); }
    float slope = group_sum(projected, scratch) * rstd * rstd / width;
    FOR_VECTORS(i, 0, width) {
      float value = fma(dy[i], weight[i], x[i] * -slope) * rstd;
      store_gradient(value, dx + i, width - i, INT(12));
    }
  }
}

KERNEL(rms_norm_backward_weight) {
  __local float scratch[GROUP_ITEMS];
  BEGIN_KERNEL;
  const_global_floats x = SPAN(0);
  const_global_floats stats = SPAN(2);
  const_global_floats dy = SPAN(4);
  int rows = INT(10);
  int width = INT(11);
  FOR_COLUMN_BLOCKS(column, width) {
    float dweight = 0.0f;
    UNROLL_ROWS
    FOR_SLICE_ROWS(row, rows, column, width) {
      size_t i = (size_t)row * width + column;
      dweight = fma(dy[i], x[i] * stats[row], dweight);
    }
    store_column(sum_of_slices(dweight, scratch), SPAN(6), column, width, INT(12));
  }
}
