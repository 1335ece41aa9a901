// Floats of 16 bits, two in one float's word, the first in the low half. The last half of an odd
// length is 0. Packing rounds to nearest, ties to even; unpacking is exact.
//
//   bf16   1 sign, 8 exponent, 7 fraction bits: the high half of a float
//   fp16   1 sign, 5 exponent, 10 fraction bits (IEEE 754 binary16)
//
// All of it is arithmetic on bits, so subnormals, infinities and the high bits of NaNs survive; a
// NaN is made quiet when packed. The words are moved, never computed with: a word may look like a
// signalling NaN.
//
//   tile: ELEMENTS_PER_TILE consecutive floats of x

INLINE uvec to_bf16(vec x) {
  uvec bits = AS_UVEC(x);
  uvec rounded = (bits + (uvec)(0x7fff) + ((bits >> 16) & (uvec)(1))) >> 16;
  uvec nan = (bits >> 16) | (uvec)(0x40);
  return (bits & (uvec)(0x7fffffff)) > (uvec)(0x7f800000) ? nan : rounded;
}

// Adding 1/2 moves the fraction of a number below 2^-14 to where a float's last bit is worth 2^-24,
// the last bit of a binary16 subnormal; the addition rounds.
INLINE uvec to_fp16(vec x) {
  uvec bits = AS_UVEC(x);
  uvec magnitude = bits & (uvec)(0x7fffffff);
  uvec subnormal = AS_UVEC(AS_VEC(magnitude) + 0.5f) - (uvec)(0x3f000000);
  uvec odd = (magnitude >> 13) & (uvec)(1);
  uvec normal = (magnitude - (uvec)(112 << 23) + (uvec)(0xfff) + odd) >> 13;
  uvec nan = (uvec)(0x7e00) | ((magnitude >> 13) & (uvec)(0x3ff));
  uvec result = magnitude < (uvec)(0x38800000) ? subnormal : normal;
  result = magnitude >= (uvec)(0x47800000) ? (uvec)(0x7c00) : result;
  result = magnitude > (uvec)(0x7f800000) ? nan : result;
  return result | ((bits >> 16) & (uvec)(0x8000));
}

INLINE uvec from_fp16(uvec half_bits) {
  uvec magnitude = (half_bits & (uvec)(0x7fff)) << 13;
  uvec normal = magnitude + (uvec)(112 << 23);
  uvec special = magnitude + (uvec)(224 << 23);
  uvec subnormal = AS_UVEC(AS_VEC(magnitude + (uvec)(113 << 23)) - as_float(113 << 23));
  uvec result = magnitude < (uvec)(1 << 23) ? subnormal : normal;
  result = magnitude >= (uvec)(31 << 23) ? special : result;
  return result | ((half_bits & (uvec)(0x8000)) << 16);
}

// arguments: 0 x, 2 words, 4 length, 5 bf16
INLINE void half_pack(const Command* command, int tile) {
  const_global_floats x = SPAN(0);
  global_floats words = SPAN(2);
  long begin = (long)tile * ELEMENTS_PER_TILE;
  long end = min((long)INT(4), begin + ELEMENTS_PER_TILE);
  for (long i = begin; i < end; i += 2 * LANES) {
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
