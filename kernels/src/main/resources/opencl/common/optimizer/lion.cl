// Lion (Chen et al., 2023), one fused pass: reads p, g, m and writes p, m.
//
//   g' = scale g      p = p (1 - lr wd) - lr sign(b1 m + (1-b1) g')      m = b2 m + (1-b2) g'
//
//   sign(0) = 0; a NaN stays NaN.
//
//   arguments: 0 p, 2 g, 4 m, 6 step (lr, scale), 8 length, 9 b1, 10 b2, 11 wd
//   tile: ELEMENTS_PER_TILE consecutive parameters

INLINE void lion(const Command* command, int tile) {
  global_floats parameters = SPAN(0);
  const_global_floats gradients = SPAN(2);
  global_floats momentum = SPAN(4);
  const_global_floats step = SPAN(6);
  float learning_rate = step[0];
  float gradient_scale = step[1];
  float beta1 = FLOAT(9);
  float beta2 = FLOAT(10);
  float decay = 1.0f - learning_rate * FLOAT(11);
  long begin = (long)tile * ELEMENTS_PER_TILE;
  long end = min((long)INT(8), begin + ELEMENTS_PER_TILE);
  FOR_VECTORS(i, begin, end) {
    vec g = LOAD(gradients + i) * gradient_scale;
    vec m = LOAD(momentum + i);
    vec mixed = fma(m, (vec)(beta1), g * (1.0f - beta1));
    vec direction = mixed > (vec)(0.0f) ? (vec)(1.0f) : mixed;
    direction = mixed < (vec)(0.0f) ? (vec)(-1.0f) : direction;
    vec p = fma(direction, (vec)(-learning_rate), LOAD(parameters + i) * decay);
    STORE_WITHIN(fma(m, (vec)(beta2), g * (1.0f - beta2)), momentum + i, end - i);
    STORE_WITHIN(p, parameters + i, end - i);
  }
}
