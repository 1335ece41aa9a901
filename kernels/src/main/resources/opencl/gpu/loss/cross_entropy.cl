// GPU forms of cross-entropy, a group per row. Formulas and arguments: cpu/loss/cross_entropy.cl.

typedef struct {
  float largest;
  float total;     // sum of e^(z - largest)
  float expected;  // logit expected under the target distribution
} RowOfLogits;

// Barriers stand where all items pass, so an ignored row is summed like the others.
INLINE RowOfLogits sum_logits(
    const_global_floats z, float target, int vocabulary, float smoothing, local_floats scratch) {
  RowOfLogits row;
  int known = target >= 0.0f && target < (float)vocabulary;
  float chosen = known ? z[(int)target] : NAN;
  row.expected = chosen;
  if (smoothing > 0.0f) {
    float logits = 0.0f;
    FOR_VECTORS(i, 0, vocabulary) { logits += z[i]; }
    float mean = group_sum(logits, scratch) / vocabulary;
    row.expected = chosen + smoothing * (mean - chosen);
  }
  row.largest = group_row_max(z, vocabulary, scratch);
  float total = 0.0f;
  FOR_VECTORS(i, 0, vocabulary) { total += exp_vec(z[i] - row.largest); }
  row.total = group_sum(total, scratch);
  return row;
}

INLINE void store_loss(const Command* command, long row, RowOfLogits sums, float weight) {
  if (ITEM == 0) {
    float loss = (log(sums.total) + sums.largest - sums.expected) * weight;
    SPAN(4)[row] = SPAN(2)[row] < 0.0f ? 0.0f : loss;
  }
}

KERNEL(cross_entropy_forward) {
  __local float scratch[GROUP_ITEMS];
  BEGIN_KERNEL;
  const_global_floats weights = SPAN(9);
  FOR_PIECES(row, INT(12)) {
    const_global_floats z = SPAN(0) + (size_t)row * INT(7);
    RowOfLogits sums = sum_logits(z, SPAN(2)[row], INT(6), FLOAT(11), scratch);
    store_loss(command, row, sums, weights ? weights[row] : 1.0f);
  }
}

KERNEL(cross_entropy_forward_backward) {
  __local float scratch[GROUP_ITEMS];
  BEGIN_KERNEL;
  int vocabulary = INT(6);
  int stride = INT(7);
  float smoothing = FLOAT(11);
  const_global_floats weights = SPAN(9);
  const_global_floats factor = SPAN(14);
  float gradient_scale = FLOAT(8) * (factor ? factor[0] : 1.0f);
  FOR_PIECES(row, INT(12)) {
    global_floats z = SPAN(0) + (size_t)row * stride;
    float target = SPAN(2)[row];
    float weight = weights ? weights[row] : 1.0f;
    float scale = gradient_scale * weight;
    RowOfLogits sums = sum_logits(z, target, vocabulary, smoothing, scratch);
    store_loss(command, row, sums, weight);
    float share = scale / sums.total;
    float spread = scale * smoothing / vocabulary;
    // All items have read the target's logit, which one of them now overwrites.
    GLOBAL_BARRIER;
    FOR_VECTORS(i, 0, stride) {
      float gradient = exp_vec(z[i] - sums.largest) * share - spread;
      gradient -= (float)i == target ? scale * (1.0f - smoothing) : 0.0f;
      z[i] = target < 0.0f || i >= vocabulary ? 0.0f : gradient;
    }
  }
}
