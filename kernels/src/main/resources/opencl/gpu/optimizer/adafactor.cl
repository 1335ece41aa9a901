// GPU forms of the means and sums of Adafactor; formulas and commands: common/optimizer/adafactor.cl;
// arguments: cpu/optimizer/adafactor.cl.
//
//   rows, norms    a group per row, its items taking every GROUP_ITEMS-th column
//   columns        an item per column, all rows in order: neighbours read neighbouring floats
//   mean, totals   the items of group 0 take every GROUP_ITEMS-th row

KERNEL(adafactor_rows) {
  __local float scratch[GROUP_ITEMS];
  BEGIN_KERNEL;
  global_floats moment = SPAN(2);
  const_global_floats step = SPAN(4);
  float beta = step[1];
  float gradient_scale = step[2];
  int columns = INT(7);
  float epsilon = FLOAT(8);
  FOR_PIECES(row, INT(6)) {
    const_global_floats gradients = SPAN(0) + row * columns;
    float sum = 0.0f;
    for (int i = ITEM; i < columns; i += GROUP_ITEMS) {
      float g = gradients[i] * gradient_scale;
      sum += fma(g, g, epsilon);
    }
    sum = group_sum(sum, scratch);
    if (ITEM == 0) {
      moment[row] = fma(beta, moment[row], (1.0f - beta) * (sum / columns));
    }
  }
}

KERNEL(adafactor_columns) {
  BEGIN_KERNEL;
  global_floats moment = SPAN(2);
  const_global_floats step = SPAN(4);
  float beta = step[1];
  float gradient_scale = step[2];
  int rows = INT(6);
  int columns = INT(7);
  float epsilon = FLOAT(8);
  FOR_ELEMENTS(column, columns) {
    const_global_floats gradients = SPAN(0) + column;
    float sum = 0.0f;
    for (int row = 0; row < rows; row++, gradients += columns) {
      float g = *gradients * gradient_scale;
      sum += fma(g, g, epsilon);
    }
    moment[column] = fma(moment[column], beta, sum * ((1.0f - beta) / rows));
  }
}

KERNEL(adafactor_mean) {
  __local double scratch[GROUP_ITEMS];
  BEGIN_KERNEL;
  const_global_floats moment = SPAN(0);
  int rows = INT(4);
  if (GROUP == 0) {
    double sum = 0.0;
    for (int row = ITEM; row < rows; row += GROUP_ITEMS) {
      sum += moment[row];
    }
    sum = group_sum_double(sum, scratch);
    if (ITEM == 0) {
      SPAN(2)[0] = (float)(sum / rows);
    }
  }
}

KERNEL(adafactor_norms) {
  __local float scratch[GROUP_ITEMS];
  BEGIN_KERNEL;
  const_global_floats column_moment = SPAN(6);
  float gradient_scale = SPAN(8)[2];
  float mean = SPAN(10)[0];
  global_floats norms = SPAN(12);
  int columns = INT(15);
  FOR_PIECES(row, INT(14)) {
    const_global_floats parameters = SPAN(0) + row * columns;
    const_global_floats gradients = SPAN(2) + row * columns;
    float share = SPAN(4)[row] / mean;
    float updates = 0.0f, values = 0.0f;
    for (int i = ITEM; i < columns; i += GROUP_ITEMS) {
      float u = adafactor_update(gradients[i] * gradient_scale, share, column_moment[i]);
      updates = fma(u, u, updates);
      values = fma(parameters[i], parameters[i], values);
    }
    updates = group_sum(updates, scratch);
    values = group_sum(values, scratch);
    if (ITEM == 0) {
      norms[2 * row] = updates;
      norms[2 * row + 1] = values;
    }
  }
}

KERNEL(adafactor_totals) {
  __local double scratch[GROUP_ITEMS];
  BEGIN_KERNEL;
  const_global_floats norms = SPAN(0);
  global_floats totals = SPAN(2);
  int rows = INT(4);
  if (GROUP == 0) {
    double updates = 0.0, values = 0.0;
    for (int row = ITEM; row < rows; row += GROUP_ITEMS) {
      updates += norms[2 * row];
      values += norms[2 * row + 1];
    }
    updates = group_sum_double(updates, scratch);
    values = group_sum_double(values, scratch);
    if (ITEM == 0) {
      double count = (double)rows * INT(5);
      totals[0] = sqrt((float)(updates / count));
      totals[1] = sqrt((float)(values / count));
    }
  }
}
