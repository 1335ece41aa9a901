// Attention, flash-style (Dao et al., 2022), with every mask and term of attention/call.cl: scores
// never leave local memory. Query heads share key-value heads (Ainslie et al., 2023): query head h
// uses key-value head h * kv_heads / heads.
//
//   S = scale Q K^T + bias, where visible     P = softmax(S)     O = (P * dropout) V
//   saved for the backward pass: lse[batch, heads, queries] = log sum_k e^S
//   A query that sees no key gets O = 0 and lse = -infinity.
//
//            keys →   block 0     block 1     block 2
//          +---------+---------+---------+    tile: one (batch, head), one chunk of queries, as many
//   chunk 0| \       |         |         |    as a block has keys; late chunks first
//          |   \     |  unseen |  unseen |
//          |     \   |         |         |    per key block that the chunk sees: pack K^T and V once,
//          +---------+---------+---------+    then for each FORWARD_QUERIES rows that see it: scores
//   chunk 1| \  with | \       |         |    → online softmax (running maximum and sum; O is
//          |window \ |   \     |  unseen |    rescaled when the maximum grows) → O += P V
//          | unseen  |\    \   |         |
//          +---------+---------+---------+
//
//   arguments: those of attention/call.cl

INLINE void scale_row(global_floats row, int count, float factor) {
  for (int d = 0; d < count; d += LANES) {
    STORE_WITHIN(LOAD(row + d) * factor, row + d, count - d);
  }
}

INLINE void clear_row(global_floats row, int count) {
  for (int d = 0; d < count; d += LANES) {
    STORE_WITHIN((vec)(0.0f), row + d, count - d);
  }
}

INLINE float maximum_in(const_local_floats s, Range range) {
  const vec lowest = (vec)(-INFINITY);
  vec largest = lowest;
  for (int j = round_down(range.first, LANES); j < range.end; j += LANES) {
    vec v = LOAD(s + j);
    if (j < range.first || j + LANES > range.end) {
      ivec keys = LANE_INDEX + (ivec)(j);
      v = (keys >= (ivec)(range.first)) & (keys < (ivec)(range.end)) ? v : lowest;
    }
    largest = v > largest ? v : largest;
  }
  return max_of_lanes(largest);
}

// Turns the scores of one row into e^(scale s - maximum) times the dropout factors, zero elsewhere
// in the range of the group, and returns their sum before dropout.
INLINE float exponentials(
    local_floats s, Range row, Range group, float scale, float maximum, Dropout dropout,
    DropoutSeeds seeds, uint first_column) {
  vec sum = (vec)(0.0f);
  vec offset = (vec)(-maximum);
  for (int j = round_down(group.first, LANES); j < group.end; j += LANES) {
    vec p = (vec)(0.0f);
    if (j + LANES > row.first && j < row.end) {
      p = exp_vec(fma(LOAD(s + j), (vec)(scale), offset));
      if (j < row.first || j + LANES > row.end) {
        p = keep_range(p, j, row);
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

INLINE void attention_forward(const Command* command, int tile, local_floats local_memory) {
  AttentionCall call = attention_call(command);
  int head_size = call.head_size;
  int batch_heads = call.batch * call.heads;
  int block = forward_keys(head_size);
  int chunks = (call.queries + block - 1) / block;
  int chunk = chunks - 1 - tile / batch_heads;
  int batch_head = tile % batch_heads;
  int batch = batch_head / call.heads;
  int head = batch_head % call.heads;
  int kv_head = head / (call.heads / call.kv_heads);
  int length = key_length(&call, batch);

  size_t first_query = (size_t)batch * call.queries;
  size_t first_key = (size_t)batch * call.keys;
  const_global_floats q = SPAN(0) + first_query * call.q_stride + head * head_size;
  const_global_floats k = SPAN(2) + first_key * call.k_stride + kv_head * head_size;
  const_global_floats v = SPAN(4) + first_key * call.v_stride + kv_head * head_size;
  global_floats out = SPAN(6) + first_query * call.out_stride + head * head_size;
  global_floats lse = SPAN(8) + (size_t)batch_head * call.queries;

  local_floats key_panels = local_memory;
  local_floats value_panels = key_panels + panel_rows(head_size) * block;
  local_floats scores = value_panels + round_up(head_size, PANEL) * block;
  local_floats maxima = scores + FORWARD_QUERIES * block;
  local_floats sums = maxima + block;

  int query_begin = chunk * block;
  int query_end = min(call.queries, query_begin + block);
  Range chunk_keys = keys_seen_by(&call, batch, length, query_begin, query_end);
  for (int n = 0; n < query_end - query_begin; n++) {
    maxima[n] = -INFINITY;
    sums[n] = 0.0f;
  }

  uint started = 0;  // bit r: out of the chunk's r-th rows holds a sum
  for (int k0 = round_down(chunk_keys.first, block); k0 < chunk_keys.end; k0 += block) {
    int live_keys = min(block, chunk_keys.end - k0);
    int packed = 0;

    for (int r0 = query_begin; r0 < query_end; r0 += FORWARD_QUERIES) {
      int rows = min(FORWARD_QUERIES, query_end - r0);
      Visible visible;
      find_visible(&visible, &call, batch, length, r0, rows, k0, live_keys);
      if (visible.all.end == 0) {
        continue;
      }
      if (!packed) {
        pack_panels_transposed(
            k + (size_t)k0 * call.k_stride, call.k_stride, key_panels, live_keys, head_size);
        pack_panels(
            v + (size_t)k0 * call.v_stride, call.v_stride, value_panels, head_size, live_keys,
            block * PANEL);
        packed = 1;
      }
      uint bit = 1u << ((r0 - query_begin) / FORWARD_QUERIES);
      int add = (started & bit) != 0;
      started |= bit;
      global_floats out_rows = out + (size_t)r0 * call.out_stride;

      multiply_visible(
          &visible, rows, q + (size_t)r0 * call.q_stride, call.q_stride, key_panels, scores, block,
          head_size);

      for (int i = 0; i < rows; i++) {
        local_floats s = scores + i * block;
        Range row = visible.rows[i];
        int n = r0 - query_begin + i;
        float previous = maxima[n];
        float maximum = previous;
        float scale = call.scale;
        DropoutSeeds seeds = {0, 0};
        if (row.first < row.end) {
          if (call.bias) {
            add_bias(s, row, scale, bias_of_query(&call, head, r0 + i) + k0);
            scale = 1.0f;
          }
          maximum = max(previous, maximum_in(s, row) * scale);
          if (call.dropout.key) {
            seeds = dropout_seeds(
                call.dropout, (ulong)batch_head * call.queries + (ulong)(r0 + i));
          }
        }
        float sum = exponentials(
            s, row, visible.groups[i / GROUP_ROWS], scale, maximum, call.dropout, seeds, (uint)k0);
        if (row.first < row.end) {
          if (add && maximum != previous) {
            float shrink = exp(previous - maximum);
            sums[n] *= shrink;
            scale_row(out_rows + (size_t)i * call.out_stride, head_size, shrink);
          }
          sums[n] += sum;
          maxima[n] = maximum;
        }
      }

      for (int d = 0; d < head_size; d += PANEL) {
        int strip;
        for (int i = 0; i < rows; i += strip) {
          strip = strip_rows(rows - i);
          Range group = visible.groups[i / GROUP_ROWS];
          global_floats target = out_rows + (size_t)i * call.out_stride + d;
          weigh_into_global(
              strip, scores + i * block + group.first, block, 1,
              value_panels + d * block + group.first * PANEL, PANEL, target, call.out_stride,
              group.end - group.first, add ? target : (global_floats)0, call.out_stride, 0,
              head_size - d);
        }
      }
    }
  }

  for (int i = query_begin; i < query_end; i++) {
    int n = i - query_begin;
    float sum = sums[n];
    global_floats row = out + (size_t)i * call.out_stride;
    lse[i] = maxima[n] + log(sum);
    if (!((started >> (n / FORWARD_QUERIES)) & 1)) {
      clear_row(row, head_size);
    } else if (sum != 0.0f) {
      scale_row(row, head_size, 1.0f / sum);
    }
  }
}
