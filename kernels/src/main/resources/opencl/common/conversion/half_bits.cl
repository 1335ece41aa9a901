// Floats of 16 bits, two in one float's word, the first in the low half. The last half of an odd
// length is 0. Packing rounds to nearest, ties to even; unpacking is exact.
//
//   bf16   1 sign, 8 exponent, 7 fraction bits: the high half of a float
//   fp16   1 sign, 5 exponent, 10 fraction bits (IEEE 754 binary16)
//
// All of it is arithmetic on bits, so subnormals, infinities and the high bits of NaNs survive; a
// NaN is made quiet when packed. The words are moved, never computed with: a word may look like a
// signalling NaN.

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
