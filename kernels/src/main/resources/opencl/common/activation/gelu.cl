// GELU, tanh form (Hendrycks and Gimpel, 2016).
//
//   u(x) = sqrt(2/pi) (x + 0.044715 x^3)
//   y    = x/2 (1 + tanh u)
//   y'   = 1/2 (1 + tanh u) + x/2 (1 - tanh^2 u) u'(x),   u'(x) = sqrt(2/pi) (1 + 3 * 0.044715 x^2)
//
// With e = e^2u and s = 2 / (e + 1):  1 + tanh u = e s,  1 - tanh^2 u = s (e s), no cancellation.
//
//   tile: ELEMENTS_PER_TILE consecutive floats. Bound by exp, not by memory.

#define GELU_SLOPE 0.79788456f
#define GELU_CUBIC (0.79788456f * 0.044715f)

INLINE vec gelu_exponential(vec x) {
  vec u = x * fma(x * x, (vec)(GELU_CUBIC), (vec)(GELU_SLOPE));
  return exp_vec(u * 2.0f);
}

// arguments: 0 x, 2 y, 4 length
INLINE void gelu_forward(const Command* command, int tile) {
  const_global_floats x = SPAN(0);
  global_floats y = SPAN(2);
  long begin = (long)tile * ELEMENTS_PER_TILE;
  long end = min((long)INT(4), begin + ELEMENTS_PER_TILE);
  FOR_VECTORS(i, begin, end) {
    PREFETCH(x + i);
    PREFETCH_FOR_STORE(y + i);
    vec value = LOAD(x + i);
    vec e = gelu_exponential(value);
    vec result = value * (e / (e + 1.0f));
    STORE_WITHIN(result, y + i, end - i);
  }
}

// arguments: 0 x, 2 dy, 4 dx, 6 length
INLINE void gelu_backward(const Command* command, int tile) {
  const_global_floats x = SPAN(0);
  const_global_floats dy = SPAN(2);
  global_floats dx = SPAN(4);
  long begin = (long)tile * ELEMENTS_PER_TILE;
  long end = min((long)INT(6), begin + ELEMENTS_PER_TILE);
  FOR_VECTORS(i, begin, end) {
    PREFETCH(x + i);
    PREFETCH(dy + i);
    PREFETCH_FOR_STORE(dx + i);
    vec value = LOAD(x + i);
    vec e = gelu_exponential(value);
    vec s = (vec)(2.0f) / (e + 1.0f);
    vec twice_cdf = e * s;
    vec inner_slope = fma(value * value, (vec)(3.0f * GELU_CUBIC), (vec)(GELU_SLOPE));
    vec slope = fma(value * s * twice_cdf, inner_slope, twice_cdf) * 0.5f;
    STORE_WITHIN(slope * LOAD(dy + i), dx + i, end - i);
  }
}
