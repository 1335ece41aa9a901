// One decoding step of causal attention with a cache of keys and values.
//
//   p = position[batch]; keys[batch, p] = k; values[batch, p] = v
//   out = softmax(scale q . keys[first..p] + bias) values[first..p]
//
//   cache [batch, max time, key-value width]
//   tile: one (batch, key-value head), its columns of both caches, the query heads that share it
//   Keys run in blocks of DECODE_KEYS with a running maximum and sum, as in the forward pass; up to
//   DECODE_HEADS query heads read the keys and values of a block together.
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

// Rows of a cache to ask for ahead: a head has a short piece of each, which no CPU sees coming.
#define DECODE_ROWS_AHEAD 16

INLINE void prefetch_row(const_global_floats row, int head_size) {
  for (int d = 0; d < head_size; d += LANES) {
    PREFETCH_LINE(row + d);
  }
}

// Query heads that read a row of a cache together, each number of them with code of its own in
// attention_decode, and keys whose sums are added side by side, because a sum has to wait for each
// of its additions.
#define DECODE_HEADS 3
#define DECODE_CHAINS 4

// scores[h, j] = q[h] . keys[j] for a few heads.
INLINE void scores_of_heads(
    const int heads, const_global_floats q, const_global_floats keys, int width, int head_size,
    local_floats scores, int count) {
  int full = round_down(head_size, LANES);
  for (int j = 0; j < count; j += DECODE_CHAINS) {
    const_global_floats rows[DECODE_CHAINS];
    vec sums[DECODE_HEADS][DECODE_CHAINS];
#pragma unroll
    for (int r = 0; r < DECODE_CHAINS; r++) {
      rows[r] = keys + (size_t)min(j + r, count - 1) * width;
      prefetch_row(keys + (size_t)(j + r + DECODE_ROWS_AHEAD) * width, head_size);
#pragma unroll
      for (int h = 0; h < heads; h++) {
        sums[h][r] = (vec)(0.0f);
      }
    }
    for (int d = 0; d < full; d += LANES) {
#pragma unroll
      for (int r = 0; r < DECODE_CHAINS; r++) {
        vec key = LOAD(rows[r] + d);
#pragma unroll
        for (int h = 0; h < heads; h++) {
          sums[h][r] = fma(LOAD(q + h * head_size + d), key, sums[h][r]);
        }
      }
    }
    if (full < head_size) {
#pragma unroll
      for (int r = 0; r < DECODE_CHAINS; r++) {
        vec key = LOAD(rows[r] + full);
#pragma unroll
        for (int h = 0; h < heads; h++) {
          // What lies behind a head may be NaN.
          sums[h][r] += keep_first(LOAD(q + h * head_size + full) * key, head_size - full);
        }
      }
    }
#pragma unroll
    for (int h = 0; h < heads; h++) {
#pragma unroll
      for (int r = 0; r < DECODE_CHAINS; r++) {
        float sum = sum_of_lanes(sums[h][r]);
        if (j + r < count) {
          scores[h * DECODE_KEYS + j + r] = sum;
        }
      }
    }
  }
}

// out[h] += scores[h] . values for a few heads, VALUE_VECTORS columns at a time. Columns behind the
// head get what lies there.
#define VALUE_VECTORS 4
#define VALUE_COLUMNS (VALUE_VECTORS * LANES)
INLINE void add_values(
    const int heads, const_local_floats scores, const_global_floats values, int width,
    int head_size, local_floats out, int padded_head, int count) {
  for (int d = 0; d < head_size; d += VALUE_COLUMNS) {
    const_global_floats row = values + d;
    vec sums[DECODE_HEADS][VALUE_VECTORS];
#pragma unroll
    for (int h = 0; h < heads; h++) {
#pragma unroll
      for (int i = 0; i < VALUE_VECTORS; i++) {
        sums[h][i] = LOAD(out + h * padded_head + d + i * LANES);
      }
    }
    for (int j = 0; j < count; j++, row += width) {
#pragma unroll
      for (int i = 0; i < VALUE_VECTORS; i++) {
        PREFETCH_LINE(row + DECODE_ROWS_AHEAD * width + i * LANES);
        vec value = LOAD(row + i * LANES);
#pragma unroll
        for (int h = 0; h < heads; h++) {
          sums[h][i] = fma((vec)(scores[h * DECODE_KEYS + j]), value, sums[h][i]);
        }
      }
    }
#pragma unroll
    for (int h = 0; h < heads; h++) {
#pragma unroll
      for (int i = 0; i < VALUE_VECTORS; i++) {
        STORE(sums[h][i], out + h * padded_head + d + i * LANES);
      }
    }
  }
}

INLINE void attention_decode(const Command* command, int tile, local_floats local_memory) {
  AttentionCall call = attention_call(command);
  int max_time = call.keys;
  int head_size = call.head_size;
  int padded_head = round_up(head_size, VALUE_COLUMNS);
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
    const_global_floats key = keys + (size_t)k0 * width;
    const_global_floats value = values + (size_t)k0 * width;
    for (int h = 0; h < group_heads; h += DECODE_HEADS) {
      const_global_floats heads_q = q + h * head_size;
      local_floats s = scores + h * DECODE_KEYS;
      switch (min(DECODE_HEADS, group_heads - h)) {
        case 1: scores_of_heads(1, heads_q, key, width, head_size, s, block.end); break;
        case 2: scores_of_heads(2, heads_q, key, width, head_size, s, block.end); break;
        default: scores_of_heads(DECODE_HEADS, heads_q, key, width, head_size, s, block.end);
      }
    }
    for (int h = 0; h < group_heads; h++) {
      local_floats s = scores + h * DECODE_KEYS;
      float scale = call.scale;
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
    for (int h = 0; h < group_heads; h += DECODE_HEADS) {
      const_local_floats s = scores + h * DECODE_KEYS;
      local_floats o = outputs + h * padded_head;
      switch (min(DECODE_HEADS, group_heads - h)) {
        case 1: add_values(1, s, value, width, head_size, o, padded_head, block.end); break;
        case 2: add_values(2, s, value, width, head_size, o, padded_head, block.end); break;
        default: add_values(DECODE_HEADS, s, value, width, head_size, o, padded_head, block.end);
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
