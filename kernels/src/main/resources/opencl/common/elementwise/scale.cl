// y = x (constant factor[0])        factor may be absent
//
//   arguments: 0 x, 2 factor or absent, 4 y, 6 length, 7 constant
//   tile: ELEMENTS_PER_TILE consecutive floats

INLINE void scale(const Command* command, int tile) {
  const_global_floats x = SPAN(0);
  const_global_floats factor = SPAN(2);
  global_floats y = SPAN(4);
  float multiplier = FLOAT(7) * (factor ? factor[0] : 1.0f);
  long begin = (long)tile * ELEMENTS_PER_TILE;
  long end = min((long)INT(6), begin + ELEMENTS_PER_TILE);
  FOR_VECTORS(i, begin, end) { STORE_WITHIN(LOAD(x + i) * multiplier, y + i, end - i); }
}
