// Softmax cross-entropy fused with its gradient, in place. R rows, V classes, rows `stride` apart.
//
//   loss[r] = log(sum_j e^(z_j - max)) + max - z_target
//   dz_j    = scale (softmax(z)_j - [j = target])          columns V … stride-1 become 0
//
//   With label smoothing s (Szegedy et al., 2016) the target distribution q is (1-s) [j = target] +
//   s/V, and with a weight w per row:
//
//   loss[r] = w (log(sum_j e^(z_j - max)) + max - (1-s) z_target - s/V sum_j z_j)
//   dz_j    = w scale (softmax(z)_j - q_j)       scale times a factor where one is there
//
//   A negative target is ignored: loss 0, gradient 0. A target >= V or a NaN logit gives a NaN
//   loss.
//
//   row z:  | V classes, LANES at a time      | tail |  padding to stride |
//   tile: as many rows as make some ELEMENTS_PER_TILE floats. The loss alone needs one pass over a
//   row; with the gradient there are three: maximum (and sum), exponentials and their sum, scaling
//
//   arguments: 0 logits, 2 targets, 4 losses, 6 vocabulary, 7 stride, 8 gradient scale,
//              9 weights or absent, 11 smoothing, 12 rows, 13 rows of a tile, 14 another factor of the
//              gradient or absent

typedef struct {
  float largest;
  float sum;
} LogitSummary;

INLINE LogitSummary summarize_logits(const_global_floats z, int vocabulary) {
  const vec lowest = (vec)(-INFINITY);
  int full = round_down(vocabulary, LANES);
  vec largest = lowest;
  vec sum = (vec)(0.0f);
  for (int i = 0; i < full; i += LANES) {
    PREFETCH(z + i);
    vec v = LOAD(z + i);
    largest = v > largest ? v : largest;
    sum += v;
  }
  if (full < vocabulary) {
    vec v = LOAD(z + full);
    sum += keep_first(v, vocabulary - full);
    v = LANE_INDEX < (ivec)(vocabulary - full) ? v : lowest;
    largest = v > largest ? v : largest;
  }
  LogitSummary summary;
  summary.largest = max_of_lanes(largest);
  summary.sum = sum_of_lanes(sum);
  return summary;
}

// What to look ahead while the exponentials of a row are computed, because memory would rest
// otherwise: a row, where two fit into the second-level cache.
INLINE int distance_of_next_row(int stride) { return stride <= 65536 ? stride : 0; }

INLINE float maximum_logit(const_global_floats z, int vocabulary) {
  return summarize_logits(z, vocabulary).largest;
}

// The logit expected under the target distribution.
INLINE float expected_logit(
    const_global_floats z, float target, int vocabulary, float smoothing, LogitSummary summary) {
  float chosen = target < (float)vocabulary ? z[(int)target] : NAN;
  if (smoothing > 0.0f) {
    chosen += smoothing * (summary.sum / vocabulary - chosen);
  }
  return chosen;
}

// Logits whose exponentials are summed while they are in the first-level cache. Part of the order of
// summation, so the same on every device.
#define LOGIT_BLOCK 2048

// Reads a row once: whenever a block raises the maximum, the total so far shrinks.
INLINE void cross_entropy_forward_row(const Command* command, int row) {
  int vocabulary = INT(6);
  const_global_floats z = SPAN(0) + (size_t)row * INT(7);
  float target = SPAN(2)[row];
  global_floats loss = SPAN(4) + row;
  if (target < 0.0f) {
    loss[0] = 0.0f;
    return;
  }
  LogitSummary summary = {-INFINITY, 0.0f};
  vec total = (vec)(0.0f);
  for (int begin = 0; begin < vocabulary; begin += LOGIT_BLOCK) {
    const_global_floats block = z + begin;
    int count = min(LOGIT_BLOCK, vocabulary - begin);
    LogitSummary part = summarize_logits(block, count);
    if (part.largest > summary.largest) {
      total *= exp_vec((vec)(summary.largest - part.largest));
      summary.largest = part.largest;
    }
    summary.sum += part.sum;
    // Logits of minus infinity alone must not become NaN here, and a NaN among them must stay one.
    float base = summary.largest == -INFINITY ? 0.0f : summary.largest;
    int full = round_down(count, LANES);
    for (int i = 0; i < full; i += LANES) {
      PREFETCH_LINE(block + i + LOGIT_BLOCK);
      total += exp_vec(LOAD(block + i) - base);
    }
    if (full < count) {
      total += keep_first(exp_vec(LOAD(block + full) - base), count - full);
    }
  }
  float expected = expected_logit(z, target, vocabulary, FLOAT(11), summary);
  const_global_floats weights = SPAN(9);
  loss[0] =
      (log(sum_of_lanes(total)) + summary.largest - expected) * (weights ? weights[row] : 1.0f);
}

INLINE void cross_entropy_forward(const Command* command, int tile) {
  int row_end = min(INT(12), (tile + 1) * INT(13));
  for (int row = tile * INT(13); row < row_end; row++) {
    cross_entropy_forward_row(command, row);
  }
}

INLINE float gradient_scale(const Command* command) {
  const_global_floats factor = SPAN(14);
  return FLOAT(8) * (factor ? factor[0] : 1.0f);
}

INLINE void cross_entropy_forward_backward_row(const Command* command, int row) {
  int vocabulary = INT(6);
  int stride = INT(7);
  float smoothing = FLOAT(11);
  const_global_floats weights = SPAN(9);
  float weight = weights ? weights[row] : 1.0f;
  float scale = gradient_scale(command) * weight;
  global_floats z = SPAN(0) + (size_t)row * stride;
  float target = SPAN(2)[row];
  global_floats loss = SPAN(4) + row;
  int full = round_down(vocabulary, LANES);
  if (target < 0.0f) {
    loss[0] = 0.0f;
    clear_floats(z, stride);
    return;
  }
  LogitSummary summary = summarize_logits(z, vocabulary);
  float largest = summary.largest;
  float expected = expected_logit(z, target, vocabulary, smoothing, summary);
  vec sum = (vec)(0.0f);
  int next_row = distance_of_next_row(stride);
  for (int i = 0; i < full; i += LANES) {
    PREFETCH_LINE(z + i + next_row);
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

INLINE void cross_entropy_forward_backward(const Command* command, int tile) {
  int row_end = min(INT(12), (tile + 1) * INT(13));
  for (int row = tile * INT(13); row < row_end; row++) {
    cross_entropy_forward_backward_row(command, row);
  }
}
