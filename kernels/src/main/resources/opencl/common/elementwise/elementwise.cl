// Copy, fill and sum of flat spans.
//
//   tile: ELEMENTS_PER_TILE consecutive floats: enough work to hide the cost of pulling a tile

// arguments: 0 x, 2 y, 4 length
INLINE void copy(const Command* command, int tile) {
  const_global_floats x = SPAN(0);
  global_floats y = SPAN(2);
  long begin = (long)tile * ELEMENTS_PER_TILE;
  long end = min((long)INT(4), begin + ELEMENTS_PER_TILE);
  FOR_VECTORS(i, begin, end) { STORE_WITHIN(LOAD(x + i), y + i, end - i); }
}

// arguments: 0 y, 2 length, 3 value
INLINE void fill(const Command* command, int tile) {
  global_floats y = SPAN(0);
  vec value = (vec)(FLOAT(3));
  long begin = (long)tile * ELEMENTS_PER_TILE;
  long end = min((long)INT(2), begin + ELEMENTS_PER_TILE);
  FOR_VECTORS(i, begin, end) { STORE_WITHIN(value, y + i, end - i); }
}

// arguments: 0 a, 2 b, 4 out, 6 length
INLINE void add(const Command* command, int tile) {
  const_global_floats a = SPAN(0);
  const_global_floats b = SPAN(2);
  global_floats out = SPAN(4);
  long begin = (long)tile * ELEMENTS_PER_TILE;
  long end = min((long)INT(6), begin + ELEMENTS_PER_TILE);
  FOR_VECTORS(i, begin, end) { STORE_WITHIN(LOAD(a + i) + LOAD(b + i), out + i, end - i); }
}
