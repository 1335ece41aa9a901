// What an activation makes of a product. Z = A B + bias, plus the old C, stands in C once its last
// block of k is done:
//
//   C = f(Z) + residual        Z is kept in a matrix of its own where the backward pass needs it
//
// It runs over each strip as soon as the strip is stored: the sums come from the nearest cache, and
// the stores wait for memory while the next strip multiplies. To activate the sums in the registers of
// the strips would save little more, and multiply the code of every strip.

// Rows from first_row to end_row, `columns` columns from first_column. c and residual are those of
// the product, kept_offset is where its part of the pre-activation begins.
//
//   arguments: common/matmul/product.cl
INLINE void activate_rows(
    const Command* command, int first_row, int end_row, int first_column, int columns,
    global_floats c, const_global_floats residual, size_t kept_offset) {
  int function = INT(18);
  for (int row = first_row; row < end_row; row++) {
    global_floats sums = c + (size_t)row * INT(15) + first_column;
    const_global_floats added =
        residual ? residual + (size_t)row * INT(16) + first_column : residual;
    global_floats kept = SPAN(19);
    kept = kept ? kept + kept_offset + (size_t)row * INT(21) + first_column : kept;
    for (int i = 0; i < columns; i += LANES) {
      vec slope;
      vec z = LOAD(sums + i);
      vec y = activate(function, z, &slope);
      if (added) {
        y += LOAD(added + i);
      }
      if (kept) {
        STORE_WITHIN(z, kept + i, columns - i);
      }
      STORE_WITHIN(y, sums + i, columns - i);
    }
  }
}
