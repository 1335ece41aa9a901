// GPU forms of the softmax of rows, a group per row. Formulas and arguments:
// cpu/activation/softmax.cl.

// The largest of a row; a NaN does not count.
INLINE float group_row_max(const_global_floats x, int columns, local_floats scratch) {
  float largest = -INFINITY;
  FOR_VECTORS(i, 0, columns) { largest = fmax(largest, x[i]); }
  return group_max(largest, scratch);
}

KERNEL(softmax_forward) {
  __local float scratch[GROUP_ITEMS];
  BEGIN_KERNEL;
  int columns = INT(4);
  FOR_PIECES(row, INT(7)) {
    const_global_floats x = SPAN(0) + (size_t)row * INT(5);
    global_floats y = SPAN(2) + (size_t)row * INT(6);
    float largest = group_row_max(x, columns, scratch);
    float sum = 0.0f;
    FOR_VECTORS(i, 0, columns) {
      float distance = x[i] - largest;
      float e = distance < -87.0f ? 0.0f : exp_vec(distance);
      sum += e;
      y[i] = e;
    }
    float factor = 1.0f / group_sum(sum, scratch);
    FOR_VECTORS(i, 0, columns) { y[i] *= factor; }
  }
}

KERNEL(softmax_backward) {
  __local float scratch[GROUP_ITEMS];
  BEGIN_KERNEL;
  int columns = INT(6);
  FOR_PIECES(row, INT(10)) {
    const_global_floats y = SPAN(0) + (size_t)row * INT(7);
    const_global_floats dy = SPAN(2) + (size_t)row * INT(8);
    global_floats dx = SPAN(4) + (size_t)row * INT(9);
    float sum = 0.0f;
    FOR_VECTORS(i, 0, columns) { sum = fma(y[i], dy[i], sum); }
    float projected = group_sum(sum, scratch);
    FOR_VECTORS(i, 0, columns) { dx[i] = y[i] * (dy[i] - projected); }
  }
}
