// One decoding step of causal attention with a cache of keys and values.
//
//   p = position[batch]; keys[batch, p] = k; values[batch, p] = v
//   out = softmax(scale q . keys[first..p] + bias) values[first..p]
//
//   cache [batch, max time, key-value width]
//   tile: one (batch, key-value head), its columns of both caches, the query heads that share it
//   Keys run in blocks of DECODE_KEYS with a running maximum and sum, as in the forward pass; the
//   values of a block are read once for several query heads.
//   A position outside the cache makes out NaN and leaves the cache as it is.
//
//   arguments: those of common/attention/call.cl with queries = 1 and keys = max time, without lse, lengths
//              and dropout; 36 key cache, 38 value cache, 40 positions

#define DECODE_KEYS 512

INLINE float largest_of(const_local_floats s, int count) {
  vec largest = (vec)(-INFINITY);
  for (int j = 0; j < count; j += LANES) {
    vec v = LOAD(s + j);
    v = LANE_INDEX < (ivec)(count - j) ? v : (vec)(-INFINITY);
    largest = v > largest ? v : largest;
  }
  return max_of_lanes(largest);
}

// Turns scores into e^(scale s - maximum) and returns their sum.
INLINE float exponentials(local_floats s, int count, float scale, float maximum) {
  vec sum = (vec)(0.0f);
  for (int j = 0; j < count; j += LANES) {
    vec p = exp_vec(fma(LOAD(s + j), (vec)(scale), (vec)(-maximum)));
    p = keep_first(p, count - j);
    sum += p;
    STORE(p, s + j);
  }
  return sum_of_lanes(sum);
}

INLINE void attention_decode(const Command* command, int tile, local_floats local_memory) {
  AttentionCall call = attention_call(command);
  int max_time = call.keys;
  int head_size = call.head_size;
  int padded_head = round_up(head_size, PANEL);
  int group_heads = call.heads / call.kv_heads;
  int width = call.kv_heads * head_size;
  int batch = tile / call.kv_heads;
  int kv_head = tile % call.kv_heads;
  int first_head = kv_head * group_heads;
  size_t cache = (size_t)batch * max_time * width + kv_head * head_size;
  const_global_floats q = SPAN(0) + (size_t)batch * call.q_stride + first_head * head_size;
  const_global_floats k = SPAN(2) + (size_t)batch * call.k_stride + kv_head * head_size;
  const_global_floats v = SPAN(4) + (size_t)batch * call.v_stride + kv_head * head_size;
  global_floats out = SPAN(6) + (size_t)batch * call.out_stride + first_head * head_size;
  global_floats keys = SPAN(36) + cache;
  global_floats values = SPAN(38) + cache;
  float position_value = SPAN(40)[batch];
  if (!(position_value >= 0.0f && position_value < (float)max_time)) {
    for (int d = 0; d < group_heads * head_size; d++) {
      out[d] = NAN;
    }
    return;
  }
  int position = (int)position_value;
  for (int d = 0; d < head_size; d += LANES) {
    size_t row = (size_t)position * width + d;
    STORE_WITHIN(LOAD(k + d), keys + row, head_size - d);
    STORE_WITHIN(LOAD(v + d), values + row, head_size - d);
  }
  Range visible = cached_keys(&call, batch, position);

  local_floats scores = local_memory;
  local_floats outputs = scores + group_heads * DECODE_KEYS;
  local_floats maxima = outputs + group_heads * padded_head;
  local_floats sums = maxima + group_heads;
  clear_local(outputs, group_heads * padded_head);
  for (int h = 0; h < group_heads; h++) {
    maxima[h] = -INFINITY;
    sums[h] = 0.0f;
  }
  for (int k0 = visible.first; k0 < visible.end; k0 += DECODE_KEYS) {
    Range block = {0, min(DECODE_KEYS, visible.end - k0)};
    for (int h = 0; h < group_heads; h++) {
      local_floats s = scores + h * DECODE_KEYS;
      float scale = call.scale;
      for (int j = 0; j < block.end; j++) {
        s[j] = dot_row(q + h * head_size, keys + (size_t)(k0 + j) * width, head_size);
      }
      if (call.bias) {
        add_bias(
            s, block, scale,
            call.bias + (size_t)(first_head + h) * max_time + max_time - 1 - position + k0);
        scale = 1.0f;
      }
      float maximum = max(maxima[h], largest_of(s, block.end) * scale);
      float shrink = exp(maxima[h] - maximum);
      float sum = exponentials(s, block.end, scale, maximum);
      sums[h] = fma(sums[h], shrink, sum);
      maxima[h] = maximum;
      local_floats row = outputs + h * padded_head;
      for (int d = 0; d < padded_head; d += LANES) {
        STORE(LOAD(row + d) * shrink, row + d);
      }
    }
    int strip;
    for (int h = 0; h < group_heads; h += strip) {
      strip = strip_rows(group_heads - h);
      for (int d = 0; d < head_size; d += PANEL) {
        local_floats sum = outputs + h * padded_head + d;
        weigh_rows_into_local(
            strip, scores + h * DECODE_KEYS, DECODE_KEYS, 1, values + (size_t)k0 * width + d, width,
            sum, padded_head, block.end, sum, 0, 0, PANEL);
      }
    }
  }
  for (int h = 0; h < group_heads; h++) {
    float factor = sums[h] == 0.0f ? 0.0f : 1.0f / sums[h];
    for (int d = 0; d < head_size; d += LANES) {
      vec row = LOAD(outputs + h * padded_head + d) * factor;
      STORE_WITHIN(row, out + h * head_size + d, head_size - d);
    }
  }
}
