// Packing and unpacking of 16-bit floats; their bits: common/conversion/half_bits.cl.
//
//   tile: ELEMENTS_PER_TILE consecutive floats of x

// arguments: 0 x, 2 words, 4 length, 5 bf16
INLINE void half_pack(const Command* command, int tile) {
  const_global_floats x = SPAN(0);
  global_floats words = SPAN(2);
  long begin = (long)tile * ELEMENTS_PER_TILE;
  long end = min((long)INT(4), begin + ELEMENTS_PER_TILE);
  for (long i = begin; i < end; i += 2 * LANES) {
    PREFETCH(x + i);
    PREFETCH(x + i + LANES);
    PREFETCH_FOR_STORE(words + i / 2);
    vec low = LOAD(x + i);
    vec high = LOAD(x + i + LANES);
    if (end - i < 2 * LANES) {
      low = keep_first(low, (int)(end - i));
      high = keep_first(high, (int)(end - i) - LANES);
    }
    vec first = (vec)(low.even, high.even);
    vec second = (vec)(low.odd, high.odd);
    uvec word = INT(5) ? to_bf16(first) | (to_bf16(second) << 16)
                       : to_fp16(first) | (to_fp16(second) << 16);
    STORE_WITHIN(AS_VEC(word), words + i / 2, (end - i + 1) / 2);
  }
}

// arguments: 0 words, 2 x, 4 length, 5 bf16
INLINE void half_unpack(const Command* command, int tile) {
  const_global_floats words = SPAN(0);
  global_floats x = SPAN(2);
  long begin = (long)tile * ELEMENTS_PER_TILE;
  long end = min((long)INT(4), begin + ELEMENTS_PER_TILE);
  for (long i = begin; i < end; i += 2 * LANES) {
    PREFETCH(words + i / 2);
    PREFETCH_FOR_STORE(x + i);
    PREFETCH_FOR_STORE(x + i + LANES);
    uvec word = AS_UVEC(LOAD(words + i / 2));
    uvec first = word & (uvec)(0xffff);
    uvec second = word >> 16;
    vec even = AS_VEC(INT(5) ? first << 16 : from_fp16(first));
    vec odd = AS_VEC(INT(5) ? second << 16 : from_fp16(second));
    vec low, high;
    low.even = even.lo;
    low.odd = odd.lo;
    high.even = even.hi;
    high.odd = odd.hi;
    STORE_WITHIN(low, x + i, end - i);
    if (end - i > LANES) {
      STORE_WITHIN(high, x + i + LANES, end - i - LANES);
    }
  }
}
