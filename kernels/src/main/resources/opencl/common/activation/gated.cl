// Gated linear units (Shazeer, 2020): SwiGLU, GeGLU, ReGLU. R rows, C = width.
//
//   x [R, 2C]  =  | gate g, C floats | value v, C floats |
//   y [R, C]   =  f(g) v
//   dx         =  | dy v f'(g)       | dy f(g)           |
//
//   tile: GATED_ROWS rows

INLINE void gated_of(int function, const Command* command, int tile) {
  const_global_floats upstream = SPAN(2);
  int rows = INT(6);
  int width = INT(7);
  int row_end = min(rows, (tile + 1) * GATED_ROWS);
  for (int row = tile * GATED_ROWS; row < row_end; row++) {
    const_global_floats gate = SPAN(0) + (size_t)row * 2 * width;
    const_global_floats value = gate + width;
    global_floats y = SPAN(4) + (size_t)row * (upstream ? 2 : 1) * width;
    const_global_floats dy = upstream ? upstream + (size_t)row * width : upstream;
    FOR_VECTORS(i, 0, width) {
      PREFETCH(gate + i);
      PREFETCH(value + i);
      PREFETCH_FOR_STORE(y + i);
      vec slope;
      vec activated = activate(function, LOAD(gate + i), &slope);
      vec v = LOAD(value + i);
      if (dy) {
        PREFETCH(dy + i);
        PREFETCH_FOR_STORE(y + width + i);
        vec g = LOAD(dy + i);
        STORE_WITHIN(g * v * slope, y + i, width - i);
        STORE_WITHIN(g * activated, y + width + i, width - i);
      } else {
        STORE_WITHIN(activated * v, y + i, width - i);
      }
    }
  }
}

// arguments: 0 x, 2 dy or absent, 4 y, or dx where dy is present, 6 rows, 7 width, 8 function
INLINE void gated(const Command* command, int tile) {
  WITH_FUNCTION(gated_of, INT(8), command, tile);
}
