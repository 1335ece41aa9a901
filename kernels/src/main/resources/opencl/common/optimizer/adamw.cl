// AdamW (Loshchilov and Hutter, 2019), one fused pass: reads p, g, m, v and writes p, m, v.
//
//   g' = scale g                                    scale clips the global norm
//   m  = b1 m + (1-b1) g'        v = b2 v + (1-b2) g'^2
//   p  = p (1 - lr wd) - lr (m / c1) / (sqrt(v / c2) + eps)      c1 = 1-b1^t, c2 = 1-b2^t
//
//   arguments: 0 p, 2 g, 4 m, 6 v, 8 step (lr, c1, c2, scale), 10 length, 11 b1, 12 b2, 13 eps,
//              14 wd
//   tile: ELEMENTS_PER_TILE consecutive parameters

INLINE void adamw(const Command* command, int tile) {
  global_floats parameters = SPAN(0);
  const_global_floats gradients = SPAN(2);
  global_floats first_moment = SPAN(4);
  global_floats second_moment = SPAN(6);
  const_global_floats step = SPAN(8);
  float learning_rate = step[0];
  float first_step_size = learning_rate / step[1];
  float second_correction = 1.0f / step[2];
  float gradient_scale = step[3];
  float beta1 = FLOAT(11);
  float beta2 = FLOAT(12);
  float epsilon = FLOAT(13);
  float decay = 1.0f - learning_rate * FLOAT(14);
  long begin = (long)tile * ELEMENTS_PER_TILE;
  long end = min((long)INT(10), begin + ELEMENTS_PER_TILE);
  FOR_VECTORS(i, begin, end) {
    vec g = LOAD(gradients + i) * gradient_scale;
    vec m = fma(LOAD(first_moment + i), (vec)(beta1), g * (1.0f - beta1));
    vec v = fma(LOAD(second_moment + i), (vec)(beta2), g * g * (1.0f - beta2));
    vec denominator = sqrt(v * second_correction) + epsilon;
    vec p = LOAD(parameters + i) * decay - m * first_step_size / denominator;
    STORE_WITHIN(m, first_moment + i, end - i);
    STORE_WITHIN(v, second_moment + i, end - i);
    STORE_WITHIN(p, parameters + i, end - i);
  }
}
