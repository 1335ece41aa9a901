// Vector functions. Errors are relative to the exact result.

// e^x with an error near 1e-7. Input is clamped to [-87, 88]; NaN stays NaN.
//   x = n ln 2 + r,  |r| <= ln 2 / 2,  e^x = 2^n e^r, e^r by a polynomial of degree 6.
INLINE vec exp_vec(vec x) {
  const vec round_shift = (vec)(12582912.0f);  // 1.5 * 2^23: the sum holds the rounded integer
  x = x < (vec)(-87.0f) ? (vec)(-87.0f) : x;
  x = x > (vec)(88.0f) ? (vec)(88.0f) : x;
  vec shifted = fma(x, (vec)(1.44269504f), round_shift);
  vec power_of_two = AS_VEC((AS_IVEC(shifted) << 23) + (ivec)(0x3f800000));
  vec n = shifted - round_shift;
  vec r = fma(n, (vec)(-0.693359375f), x);
  r = fma(n, (vec)(2.12194440e-4f), r);
  vec p = fma(r, (vec)(1.9875691500e-4f), (vec)(1.3981999507e-3f));
  p = fma(p, r, (vec)(8.3334519073e-3f));
  p = fma(p, r, (vec)(4.1665795894e-2f));
  p = fma(p, r, (vec)(1.6666665459e-1f));
  p = fma(p, r, (vec)(0.5f));
  p = fma(p, r * r, r) + (vec)(1.0f);
  return p * power_of_two;
}

// log x of positive, normal numbers with an error near 1e-7; NaN stays NaN.
//   x = 2^n m,  sqrt(1/2) <= m < sqrt(2),  log m by a polynomial of degree 8 over (m - 1)^3.
INLINE vec log_vec(vec x) {
  const ivec sqrt_half = (ivec)(0x3f3504f3);
  ivec shifted = AS_IVEC(x) - sqrt_half;
  vec n = TO_VEC(shifted >> 23);
  vec f = AS_VEC((shifted & (ivec)(0x007fffff)) + sqrt_half) - (vec)(1.0f);
  vec square = f * f;
  vec p = fma(f, (vec)(7.0376836292e-2f), (vec)(-1.1514610310e-1f));
  p = fma(p, f, (vec)(1.1676998740e-1f));
  p = fma(p, f, (vec)(-1.2420140846e-1f));
  p = fma(p, f, (vec)(1.4249322787e-1f));
  p = fma(p, f, (vec)(-1.6668057665e-1f));
  p = fma(p, f, (vec)(2.0000714765e-1f));
  p = fma(p, f, (vec)(-2.4999993993e-1f));
  p = fma(p, f, (vec)(3.3333331174e-1f));
  p = fma(n, (vec)(-2.12194440e-4f), p * f * square);
  p = f + fma(square, (vec)(-0.5f), p);
  return x == x ? fma(n, (vec)(0.693359375f), p) : x;
}

#if LANES > 1
INLINE float max_of_8(float8 v) {
  float4 a = v.lo > v.hi ? v.lo : v.hi;
  float2 b = a.lo > a.hi ? a.lo : a.hi;
  return b.x > b.y ? b.x : b.y;
}

INLINE float sum_of_8(float8 v) {
  float4 a = v.lo + v.hi;
  float2 b = a.lo + a.hi;
  return b.x + b.y;
}

#if LANES == 16
INLINE float max_of_lanes(vec v) { return max_of_8(v.lo > v.hi ? v.lo : v.hi); }
INLINE float sum_of_lanes(vec v) { return sum_of_8(v.lo + v.hi); }
#else
INLINE float max_of_lanes(vec v) { return max_of_8(v); }
INLINE float sum_of_lanes(vec v) { return sum_of_8(v); }
#endif
#else
INLINE float max_of_lanes(vec v) { return v; }
INLINE float sum_of_lanes(vec v) { return v; }
#endif

// Lanes from count on become zero.
INLINE vec keep_first(vec v, int count) { return LANE_INDEX < (ivec)(count) ? v : (vec)(0.0f); }
