// One decoding step of causal attention with a cache of keys and values, batch 1.
//
//   p = position[0]; keys[p] = k; values[p] = v; out = softmax(scale q . keys[0..p]) values[0..p]
//
//   cache [max time, width], tile: one head, its columns of both caches
//   Keys run in blocks of DECODE_KEYS with a running maximum and sum, as in the forward pass.
//   A position outside the cache makes out NaN.
//
//   arguments: 0 qkv[3 * width], 2 key cache, 4 value cache, 6 position, 8 out, 10 max time,
//              11 heads, 12 head size, 13 scale

#define DECODE_KEYS 512

INLINE void attention_decode(const Command* command, int tile, local_floats local_memory) {
  int max_time = INT(10);
  int head_size = INT(12);
  float scale = FLOAT(13);
  int width = INT(11) * head_size;
  int column = tile * head_size;
  const_global_floats q = SPAN(0) + column;
  global_floats keys = SPAN(2) + column;
  global_floats values = SPAN(4) + column;
  global_floats out = SPAN(8) + column;
  float position_value = SPAN(6)[0];
  if (!(position_value >= 0.0f && position_value < (float)max_time)) {
    for (int d = 0; d < head_size; d++) {
      out[d] = NAN;
    }
    return;
  }
  int position = (int)position_value;
  for (int d = 0; d < head_size; d += 8) {
    vstore8(vload8(0, q + width + d), 0, keys + (size_t)position * width + d);
    vstore8(vload8(0, q + 2 * width + d), 0, values + (size_t)position * width + d);
  }

  local_floats scores = local_memory;
  local_floats sum_of_values = scores + DECODE_KEYS;
  float maximum = -INFINITY;
  float sum = 0.0f;
  for (int d = 0; d < head_size; d++) {
    sum_of_values[d] = 0.0f;
  }
  for (int k0 = 0; k0 <= position; k0 += DECODE_KEYS) {
    int count = min(DECODE_KEYS, position + 1 - k0);
    float previous = maximum;
    for (int j = 0; j < count; j++) {
      scores[j] = dot_row(q, keys + (size_t)(k0 + j) * width, head_size) * scale;
      maximum = max(maximum, scores[j]);
    }
    float shrink = k0 > 0 ? exp(previous - maximum) : 0.0f;
    sum *= shrink;
    for (int d = 0; d < head_size; d += 8) {
      vstore8(vload8(0, sum_of_values + d) * shrink, 0, sum_of_values + d);
    }
    for (int j = 0; j < count; j++) {
      float weight = exp(scores[j] - maximum);
      const_global_floats value = values + (size_t)(k0 + j) * width;
      sum += weight;
      for (int d = 0; d < head_size; d += 8) {
        float8 total = fma(vload8(0, value + d), (float8)(weight), vload8(0, sum_of_values + d));
        vstore8(total, 0, sum_of_values + d);
      }
    }
  }
  for (int d = 0; d < head_size; d += 8) {
    vstore8(vload8(0, sum_of_values + d) * (1.0f / sum), 0, out + d);
  }
}
