// Inverted dropout over a flat span, with an optional residual.
//
//   y[i] = x[i] * factor(i) + residual[i]      factor from row i / 65536, column i % 65536
//
//   arguments: 0 x, 2 residual or absent, 4 y, 6 dropout (key, stream, threshold, scale), 11 length
//   tile: ELEMENTS_PER_TILE consecutive floats, inside one row of the counter

#if DROPOUT_ROW % ELEMENTS_PER_TILE != 0
#error "a tile of dropout must lie inside one row of the counter"
#endif

INLINE void dropout(const Command* command, int tile) {
  const_global_floats x = SPAN(0);
  const_global_floats residual = SPAN(2);
  global_floats y = SPAN(4);
  Dropout mask = dropout_argument(command, 6);
  long length = INT(11);
  long begin = (long)tile * ELEMENTS_PER_TILE;
  long end = min(length, begin + ELEMENTS_PER_TILE);
  DropoutSeeds seeds = dropout_seeds(mask, (ulong)(begin / DROPOUT_ROW));
  FOR_VECTORS(i, begin, end) {
    vec value = LOAD(x + i) * dropout_factors(mask, seeds, (uint)(i % DROPOUT_ROW));
    if (residual) {
      value += LOAD(residual + i);
    }
    STORE_WITHIN(value, y + i, end - i);
  }
}
