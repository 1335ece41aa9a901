// Counts infinities and NaNs and finds the first of them.
//
//   per tile of ELEMENTS_PER_TILE floats:  parts[2t] = how many, parts[2t+1] = first, or -1
//   over the tiles in order:               out = count / 2^16, count mod 2^16,
//                                                index / 2^16, index mod 2^16; -1, -1 for none
//
// A float holds whole numbers up to 2^24 exactly, hence the halves.

// arguments: 0 x, 2 parts, 4 length
INLINE void finite_check(const Command* command, int tile) {
  const_global_floats x = SPAN(0);
  global_floats parts = SPAN(2);
  long begin = (long)tile * ELEMENTS_PER_TILE;
  long end = min((long)INT(4), begin + ELEMENTS_PER_TILE);
  ivec count = (ivec)(0);
  FOR_VECTORS(i, begin, end) {
    PREFETCH(x + i);
    ivec exponent = AS_IVEC(LOAD(x + i)) & (ivec)(0x7f800000);
    ivec bad = exponent == (ivec)(0x7f800000);
    count -= bad & (LANE_INDEX < (ivec)((int)(end - i)));
  }
  vec counts = AS_VEC(count + (ivec)(0x4b000000)) - (vec)(8388608.0f);
  float total = sum_of_lanes(counts);
  float first = -1.0f;
  for (long i = begin; total > 0.0f && first < 0.0f; i++) {
    if ((as_int(x[i]) & 0x7f800000) == 0x7f800000) {
      first = (float)(i - begin);
    }
  }
  parts[2 * tile] = total;
  parts[2 * tile + 1] = first;
}

// arguments: 0 parts, 2 out, 4 tiles
INLINE void finite_check_total(const Command* command, int tile) {
  const_global_floats parts = SPAN(0);
  global_floats out = SPAN(2);
  int tiles = INT(4);
  int count = 0;
  int first = -1;
  for (int i = 0; i < tiles; i++) {
    count += (int)parts[2 * i];
    if (first < 0 && parts[2 * i] > 0.0f) {
      first = i * ELEMENTS_PER_TILE + (int)parts[2 * i + 1];
    }
  }
  out[0] = (float)(count >> 16);
  out[1] = (float)(count & 0xffff);
  out[2] = first < 0 ? -1.0f : (float)(first >> 16);
  out[3] = first < 0 ? -1.0f : (float)(first & 0xffff);
}
