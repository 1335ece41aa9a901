// Softmax cross-entropy fused with its gradient, in place. R rows, V classes, rows `stride` apart.
//
//   loss[r] = log(sum_j e^(z_j - max)) + max - z_target
//   dz_j    = scale (softmax(z)_j - [j = target])          columns V … stride-1 become 0
//
//   With label smoothing s (Szegedy et al., 2016) the target distribution q is (1-s) [j = target] +
//   s/V, and with a weight w per row:
//
//   loss[r] = w (log(sum_j e^(z_j - max)) + max - (1-s) z_target - s/V sum_j z_j)
//   dz_j    = w scale (softmax(z)_j - q_j)
//
//   A negative target is ignored: loss 0, gradient 0. A target >= V or a NaN logit gives a NaN
//   loss.
//
//   row z:  | V classes, LANES at a time      | tail |  padding to stride |
//   tile: one row; three passes: maximum, exponentials and their sum, scaling
//
//   arguments: 0 logits, 2 targets, 4 losses, 6 vocabulary, 7 stride, 8 gradient scale,
//              9 weights or absent, 11 smoothing

INLINE float maximum_logit(const_global_floats z, int vocabulary) {
  const vec lowest = (vec)(-INFINITY);
  int full = round_down(vocabulary, LANES);
  vec largest = lowest;
  for (int i = 0; i < full; i += LANES) {
    vec v = LOAD(z + i);
    largest = v > largest ? v : largest;
  }
  if (full < vocabulary) {
    vec v = LOAD(z + full);
    v = LANE_INDEX < (ivec)(vocabulary - full) ? v : lowest;
    largest = v > largest ? v : largest;
  }
  return max_of_lanes(largest);
}

INLINE float target_logit(const_global_floats z, float target, int vocabulary) {
  return target < (float)vocabulary ? z[(int)target] : NAN;
}

INLINE float mean_logit(const_global_floats z, int vocabulary) {
  vec sum = (vec)(0.0f);
  for (int i = 0; i < vocabulary; i += LANES) {
    vec v = LOAD(z + i);
    sum += vocabulary - i < LANES ? keep_first(v, vocabulary - i) : v;
  }
  return sum_of_lanes(sum) / vocabulary;
}

// The logit expected under the target distribution.
INLINE float expected_logit(
    const_global_floats z, float target, int vocabulary, float smoothing) {
  float chosen = target_logit(z, target, vocabulary);
  if (smoothing > 0.0f) {
    chosen += smoothing * (mean_logit(z, vocabulary) - chosen);
  }
  return chosen;
}

INLINE void cross_entropy_forward(const Command* command, int tile) {
  int vocabulary = INT(6);
  const_global_floats z = SPAN(0) + (size_t)tile * INT(7);
  float target = SPAN(2)[tile];
  global_floats loss = SPAN(4) + tile;
  if (target < 0.0f) {
    loss[0] = 0.0f;
    return;
  }
  float largest = maximum_logit(z, vocabulary);
  int full = round_down(vocabulary, LANES);
  vec sum = (vec)(0.0f);
  for (int i = 0; i < full; i += LANES) {
    sum += exp_vec(LOAD(z + i) - largest);
  }
  if (full < vocabulary) {
    sum += keep_first(exp_vec(LOAD(z + full) - largest), vocabulary - full);
  }
  float expected = expected_logit(z, target, vocabulary, FLOAT(11));
  const_global_floats weights = SPAN(9);
  loss[0] = (log(sum_of_lanes(sum)) + largest - expected) * (weights ? weights[tile] : 1.0f);
}

INLINE void cross_entropy_forward_backward(const Command* command, int tile) {
  int vocabulary = INT(6);
  int stride = INT(7);
  float smoothing = FLOAT(11);
  const_global_floats weights = SPAN(9);
  float weight = weights ? weights[tile] : 1.0f;
  float scale = FLOAT(8) * weight;
  global_floats z = SPAN(0) + (size_t)tile * stride;
  float target = SPAN(2)[tile];
  global_floats loss = SPAN(4) + tile;
  int full = round_down(vocabulary, LANES);
  if (target < 0.0f) {
    loss[0] = 0.0f;
    for (int i = 0; i < stride; i += LANES) {
      STORE_WITHIN((vec)(0.0f), z + i, stride - i);
    }
    return;
  }
  float largest = maximum_logit(z, vocabulary);
  float expected = expected_logit(z, target, vocabulary, smoothing);
  vec sum = (vec)(0.0f);
  for (int i = 0; i < full; i += LANES) {
    vec e = exp_vec(LOAD(z + i) - largest);
    sum += e;
    STORE(e, z + i);
  }
  for (int i = full; i < stride; i += LANES) {
    vec e = exp_vec(LOAD(z + i) - largest);
    e = LANE_INDEX < (ivec)(vocabulary - i) ? e : (vec)(0.0f);
    sum += e;
    STORE_WITHIN(e, z + i, stride - i);
  }
  float total = sum_of_lanes(sum);
  loss[0] = (log(total) + largest - expected) * weight;
  float factor = scale / total;
  float spread = scale * smoothing / vocabulary;
  for (int i = 0; i < vocabulary; i += LANES) {
    STORE_WITHIN(LOAD(z + i) * factor - spread, z + i, vocabulary - i);
  }
  if (target < (float)vocabulary) {
    z[(int)target] -= scale * (1.0f - smoothing);
  }
}
