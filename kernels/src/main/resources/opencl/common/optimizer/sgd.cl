// Stochastic gradient descent with momentum (Sutskever et al., 2013), one fused pass.
//
//   g' = scale g + wd p          v = mu v + g'
//   p  = p - lr (nesterov ? g' + mu v : v)            without a velocity: p = p - lr g'
//
//   arguments: 0 p, 2 g, 4 v or absent, 6 step (lr, scale), 8 length, 9 mu, 10 wd, 11 nesterov
//   tile: ELEMENTS_PER_TILE consecutive parameters

INLINE void sgd(const Command* command, int tile) {
  global_floats parameters = SPAN(0);
  const_global_floats gradients = SPAN(2);
  global_floats velocity = SPAN(4);
  const_global_floats step = SPAN(6);
  float learning_rate = step[0];
  float gradient_scale = step[1];
  float momentum = FLOAT(9);
  float decay = FLOAT(10);
  int nesterov = INT(11);
  long begin = (long)tile * ELEMENTS_PER_TILE;
  long end = min((long)INT(8), begin + ELEMENTS_PER_TILE);
  FOR_VECTORS(i, begin, end) {
    vec p = LOAD(parameters + i);
    vec g = fma(p, (vec)(decay), LOAD(gradients + i) * gradient_scale);
    vec direction = g;
    if (velocity) {
      vec v = fma(LOAD(velocity + i), (vec)(momentum), g);
      direction = nesterov ? fma(v, (vec)(momentum), g) : v;
      STORE_WITHIN(v, velocity + i, end - i);
    }
    STORE_WITHIN(fma(direction, (vec)(-learning_rate), p), parameters + i, end - i);
  }
}
