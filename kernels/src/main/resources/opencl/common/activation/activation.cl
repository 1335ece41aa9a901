// Activation functions, element by element, and their gradients. GELU in its tanh form has its own
// file, gelu.cl.
//
//   GELU  x Phi(x)          slope Phi(x) + x phi(x)        (Hendrycks and Gimpel, 2016)
//   RELU  max(x, 0)         slope [x > 0]
//   SILU  x sigmoid(x)      slope s (1 + x (1 - s))        (Elfwing et al., 2018), s = sigmoid(x)
//   TANH  tanh(x)           slope 1 - tanh(x)^2 = 4 e / (1 + e)^2, e = e^(-2|x|)
//
// Phi is the standard normal distribution function, phi its density. One exponential serves both:
//
//   Phi(-|x|) = e^(-x^2/2) t P(t),   t = 1 / (1 + p |x|)
//
// P interpolates at Chebyshev nodes; its relative error is 3e-8 for |x| <= 13, where e^(-x^2/2)
// leaves the range of floats; with rounding it is 4e-7 for |x| <= 6. Negative tails keep their relative precision.
//
//   tile: ELEMENTS_PER_TILE consecutive floats. Bound by exp (RELU: by memory).

#define ERFC_P 0.27f

#define ACTIVATION_GELU 0
#define ACTIVATION_GELU_TANH 1
#define ACTIVATION_RELU 2
#define ACTIVATION_SILU 3
#define ACTIVATION_TANH 4

INLINE vec gelu_erf(vec x, vec* slope) {
  vec magnitude = fabs(x);
  vec exponential = exp_vec(magnitude * magnitude * -0.5f);
  vec t = (vec)(1.0f) / fma(magnitude, (vec)(ERFC_P), (vec)(1.0f));
  vec p = fma(t, (vec)(2.890698050e-02f), (vec)(-1.262578571e-01f));
  p = fma(p, t, (vec)(1.693859487e-01f));
  p = fma(p, t, (vec)(-6.882920048e-02f));
  p = fma(p, t, (vec)(1.076086548e-01f));
  p = fma(p, t, (vec)(7.212621237e-02f));
  p = fma(p, t, (vec)(1.017936028e-01f));
  p = fma(p, t, (vec)(1.075451586e-01f));
  p = fma(p, t, (vec)(1.077205101e-01f));
  vec tail = p * t * exponential;
  vec distribution = x < (vec)(0.0f) ? tail : (vec)(1.0f) - tail;
  *slope = fma(x * 0.39894228f, exponential, distribution);
  return x * distribution;
}

INLINE vec gelu_tanh(vec x, vec* slope) {
  vec e = gelu_exponential(x);
  vec s = (vec)(2.0f) / (e + 1.0f);
  vec twice = e * s;
  vec inner_slope = fma(x * x, (vec)(3.0f * GELU_CUBIC), (vec)(GELU_SLOPE));
  *slope = fma(x * s * twice, inner_slope, twice) * 0.5f;
  return x * twice * 0.5f;
}

INLINE vec silu(vec x, vec* slope) {
  vec e = exp_vec(-x);
  vec s = (vec)(1.0f) / (e + 1.0f);
  *slope = fma(x * s, e * s, s);
  return x * s;
}

// (1 - e) / (1 + e) with e = e^(-2|x|) loses the digits of small x, which have a series: 1e-8 relative below 0.15.
INLINE vec hyperbolic_tangent(vec x, vec* slope) {
  vec magnitude = fabs(x);
  vec e = exp_vec(magnitude * -2.0f);
  vec square = x * x;
  vec series = fma(square, (vec)(-17.0f / 315), (vec)(2.0f / 15));
  series = fma(series, square, (vec)(-1.0f / 3));
  vec small = fma(series * square, magnitude, magnitude);
  vec y = magnitude < (vec)(0.15f) ? small : ((vec)(1.0f) - e) / (e + 1.0f);
  *slope = e * 4.0f / ((e + 1.0f) * (e + 1.0f));
  return x < (vec)(0.0f) ? -y : y;
}

// A NaN stays NaN in the value and in the slope.
INLINE vec relu(vec x, vec* slope) {
  *slope = x <= (vec)(0.0f) ? (vec)(0.0f) : x > (vec)(0.0f) ? (vec)(1.0f) : x;
  return x <= (vec)(0.0f) ? (vec)(0.0f) : x;
}

INLINE vec activate(int function, vec x, vec* slope) {
  switch (function) {
    case ACTIVATION_GELU:
      return gelu_erf(x, slope);
    case ACTIVATION_GELU_TANH:
      return gelu_tanh(x, slope);
    case ACTIVATION_SILU:
      return silu(x, slope);
    case ACTIVATION_TANH:
      return hyperbolic_tangent(x, slope);
    default:
      return relu(x, slope);
  }
}

// Calls run(function, command, tile) with a constant function: each gets a loop of its own.
#define WITH_FUNCTION(run, function, command, tile)     \
  switch (function) {                                   \
    case ACTIVATION_GELU:                               \
      run(ACTIVATION_GELU, (command), (tile));          \
      break;                                            \
    case ACTIVATION_GELU_TANH:                          \
      run(ACTIVATION_GELU_TANH, (command), (tile));     \
      break;                                            \
    case ACTIVATION_SILU:                               \
      run(ACTIVATION_SILU, (command), (tile));          \
      break;                                            \
    case ACTIVATION_TANH:                               \
      run(ACTIVATION_TANH, (command), (tile));          \
      break;                                            \
    default:                                            \
      run(ACTIVATION_RELU, (command), (tile));          \
  }

INLINE void activation_of(int function, const Command* command, int tile) {
  const_global_floats x = SPAN(0);
  const_global_floats dy = SPAN(2);
  global_floats y = SPAN(4);
  long begin = (long)tile * ELEMENTS_PER_TILE;
  long end = min((long)INT(6), begin + ELEMENTS_PER_TILE);
  vec slope;
  if (dy) {
    FOR_VECTORS(i, begin, end) {
      PREFETCH(x + i);
      PREFETCH(dy + i);
      PREFETCH_FOR_STORE(y + i);
      activate(function, LOAD(x + i), &slope);
      STORE_WITHIN(slope * LOAD(dy + i), y + i, end - i);
    }
  } else {
    FOR_VECTORS(i, begin, end) {
      PREFETCH(x + i);
      PREFETCH_FOR_STORE(y + i);
      STORE_WITHIN(activate(function, LOAD(x + i), &slope), y + i, end - i);
    }
  }
}

// y = f(x), or where dy is present y = dy f'(x)
//
//   arguments: 0 x, 2 dy or absent, 4 y, 6 length, 7 function
INLINE void activation(const Command* command, int tile) {
  WITH_FUNCTION(activation_of, INT(7), command, tile);
}
