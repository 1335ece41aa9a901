// Causal self-attention, flash-style (Dao et al., 2022): scores never leave local memory.
//
//   S = scale Q K^T, masked to keys <= query    P = softmax(S)    O = (P * dropout) V
//   saved for the backward pass: lse[q] = log sum_k e^S
//
//            keys →   block 0     block 1
//          +---------+---------+          tile: one (batch, head), one chunk of queries, as many as
//   chunk 0| \       |         |          a block has keys; late chunks, which see most keys, first
//          |   \     |  unseen |
//          |     \   |         |          per key block: pack K^T and V into panels once, then for
//          +---------+---------+          each FORWARD_QUERIES rows: scores → online softmax
//   chunk 1|         | \       |          (running maximum and sum; O is rescaled when the maximum
//          |   all   |   \     |          grows) → O += P V
//          +---------+---------+
//
//   arguments: 0 qkv, 2 out, 4 lse[batch, heads, time], 6 dropout (or absent key), 11 batch,
//              12 time, 13 heads, 14 head size, 15 scale

INLINE void scale_row(global_floats row, int count, float factor) {
  for (int d = 0; d < count; d += 8) {
    vstore8(vload8(0, row + d) * factor, 0, row + d);
  }
}

// Turns the raw scores of one row into e^(scale s - maximum), zero for keys behind last_key up to
// padded_end, and returns their sum (before dropout).
INLINE float softmax_row(
    local_floats s, int last_key, int padded_end, float scale, float maximum, Dropout dropout,
    DropoutSeeds seeds, uint first_column) {
  int full = round_down(last_key + 1, LANES);
  vec sum = (vec)(0.0f);
  vec offset = (vec)(-maximum);
  for (int j = 0; j < padded_end; j += LANES) {
    vec p = (vec)(0.0f);
    if (j <= last_key) {
      p = exp_vec(fma(LOAD(s + j), (vec)(scale), offset));
      if (j >= full) {
        p = keep_first(p, last_key + 1 - j);
      }
      sum += p;
      if (dropout.key) {
        p *= dropout_factors(dropout, seeds, first_column + j);
      }
    }
    STORE(p, s + j);
  }
  return sum_of_lanes(sum);
}

INLINE float maximum_score(const_local_floats s, int last_key) {
  const vec lowest = (vec)(-INFINITY);
  int full = round_down(last_key + 1, LANES);
  vec largest = lowest;
  for (int j = 0; j < full; j += LANES) {
    vec v = LOAD(s + j);
    largest = v > largest ? v : largest;
  }
  if (full <= last_key) {
    vec v = LOAD(s + full);
    v = LANE_INDEX < (ivec)(last_key + 1 - full) ? v : lowest;
    largest = v > largest ? v : largest;
  }
  return max_of_lanes(largest);
}

INLINE void attention_forward(const Command* command, int tile, local_floats local_memory) {
  Dropout dropout = dropout_argument(command, 6);
  int batch_heads = INT(11) * INT(13);
  int time = INT(12);
  int heads = INT(13);
  int head_size = INT(14);
  float scale = FLOAT(15);
  int width = heads * head_size;
  int stride = 3 * width;
  int keys = forward_keys(head_size);
  int chunks = (time + keys - 1) / keys;
  int chunk = chunks - 1 - tile / batch_heads;
  int batch_head = tile % batch_heads;
  int batch = batch_head / heads;
  int head = batch_head % heads;

  const_global_floats q = SPAN(0) + (size_t)batch * time * stride + head * head_size;
  global_floats out = SPAN(2) + (size_t)batch * time * width + head * head_size;
  global_floats lse = SPAN(4) + (size_t)batch_head * time;

  int value_panels = round_up(head_size, PANEL);
  local_floats key_panels = local_memory;
  local_floats v_panels = key_panels + head_size * keys;
  local_floats scores = v_panels + value_panels * keys;
  local_floats maxima = scores + FORWARD_QUERIES * keys;
  local_floats sums = maxima + keys;

  int query_begin = chunk * keys;
  int query_end = min(time, query_begin + keys);
  for (int k0 = 0; k0 < query_end; k0 += keys) {
    int live_keys = min(keys, time - k0);
    int diagonal = k0 == query_begin;
    const_global_floats k = q + width + (size_t)k0 * stride;
    pack_panels_transposed(k, stride, key_panels, live_keys, head_size);
    pack_panels(k + width, stride, v_panels, head_size, live_keys, keys * PANEL);

    for (int r0 = query_begin; r0 < query_end; r0 += FORWARD_QUERIES) {
      int rows = min(FORWARD_QUERIES, query_end - r0);
      int offset = r0 - query_begin;  // on the diagonal, row i sees keys up to offset + i
      const_global_floats q_rows = q + (size_t)r0 * stride;
      global_floats out_rows = out + (size_t)r0 * width;
      int strip;

      int seen = diagonal ? min(live_keys, round_up(offset + rows, PANEL)) : live_keys;
      for (int j = 0; j < seen; j += PANEL) {
        int first = diagonal && j > offset ? round_down(j - offset, 6) : 0;
        for (int i = first; i < rows; i += strip) {
          strip = strip_rows(rows - i);
          multiply_into_local(
              strip, q_rows + (size_t)i * stride, stride, 1, key_panels + j * head_size, PANEL,
              scores + i * keys + j, keys, head_size, 0, 0, 0, PANEL);
        }
      }

      for (int first = 0; first < rows; first += strip) {
        strip = strip_rows(rows - first);
        int strip_keys = diagonal ? min(live_keys, offset + first + strip) : live_keys;
        for (int i = first; i < first + strip; i++) {
          local_floats s = scores + i * keys;
          int last_key = diagonal ? offset + i : live_keys - 1;
          float maximum = maximum_score(s, last_key) * scale;
          if (k0 > 0) {
            maximum = max(maximum, maxima[offset + i]);
          }
          DropoutSeeds seeds = {0, 0};
          if (dropout.key) {
            seeds = dropout_seeds(dropout, (ulong)batch_head * time + (ulong)(r0 + i));
          }
          float sum =
              softmax_row(s, last_key, strip_keys, scale, maximum, dropout, seeds, (uint)k0);
          if (k0 > 0) {
            float shrink = exp(maxima[offset + i] - maximum);
            sum += sums[offset + i] * shrink;
            scale_row(out_rows + (size_t)i * width, head_size, shrink);
          }
          maxima[offset + i] = maximum;
          sums[offset + i] = sum;
        }
      }

      for (int d = 0; d < head_size; d += PANEL) {
        for (int i = 0; i < rows; i += strip) {
          strip = strip_rows(rows - i);
          int strip_keys = diagonal ? min(live_keys, offset + i + strip) : live_keys;
          global_floats target = out_rows + (size_t)i * width + d;
          weigh_into_global(
              strip, scores + i * keys, keys, 1, v_panels + d * keys, PANEL, target, width,
              strip_keys, k0 > 0 ? target : (global_floats)0, width, 0, head_size - d);
        }
      }

      if (diagonal) {
        for (int i = 0; i < rows; i++) {
          float sum = sums[offset + i];
          lse[r0 + i] = maxima[offset + i] + log(sum);
          scale_row(out_rows + (size_t)i * width, head_size, 1.0f / sum);
        }
      }
    }
  }
}
