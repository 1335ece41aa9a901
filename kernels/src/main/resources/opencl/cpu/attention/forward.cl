// Attention, flash-style (Dao et al., 2022), with every mask and term of common/attention/call.cl: scores
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
//   arguments: those of common/attention/call.cl, with those of a cache

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

// Where the running maximum and sum of a row of the chunk lie.
INLINE int slot_of_row(int n) { return n / GROUP_ROWS * STRIP_SLOTS + n % GROUP_ROWS; }

// The rows of a chunk that are computed at a time: their scores with one block of keys, and what is
// known of each row, strip by strip.
typedef struct {
  local_floats scores;
  int stride;
  local_floats maxima;
  local_floats sums;
  global_floats out;
  int first_row;
  int rows;
  int first_key;
  int add;  // whether out holds sums of other keys
} SoftmaxRows;

// Scores become weights that are not divided by their sum yet; out shrinks where a maximum grows.
INLINE void weigh_rows(
    const AttentionCall* call, const Visible* visible, const SoftmaxRows* block, int batch_head) {
  int head = batch_head % call->heads;
  for (int i = 0; i < block->rows; i += GROUP_ROWS) {
    Range group = visible->groups[i / GROUP_ROWS];
    if (group.first >= group.end) {
      continue;
    }
    int group_rows = min(GROUP_ROWS, block->rows - i);
    local_floats s = block->scores + i * block->stride;
    const Range* strip_rows = visible->rows + i;
    Range common = seen_by_every(strip_rows);
    DropoutSeeds seeds[GROUP_ROWS];
    float scale = call->scale;
    if (call->bias) {
      for (int r = 0; r < group_rows; r++) {
        add_bias(
            s + r * block->stride, strip_rows[r], scale,
            bias_of_query(call, head, block->first_row + i + r) + block->first_key);
      }
      scale = 1.0f;
    }
    if (call->dropout.key) {
      for (int r = 0; r < GROUP_ROWS; r++) {
        seeds[r] = dropout_seeds(
            call->dropout,
            (ulong)batch_head * call->queries + (ulong)(block->first_row + i + r));
      }
    }
    int slots = slot_of_row(i);
    float8 previous = vload8(0, block->maxima + slots);
    float8 maximum =
        maxima_of_strip(s, block->stride, strip_rows, group, common) * scale;
    maximum = LARGER(maximum, previous);
    float8 sum = exponentials_of_strip(
        s, block->stride, strip_rows, group, common, scale, maximum, call->dropout, seeds,
        (uint)block->first_key);
    if (block->add) {
      float8 shrink = NARROWED(exp_vec(WIDENED(previous - maximum)));
      shrink = previous == maximum ? (float8)(1.0f) : shrink;
      sum = fma(vload8(0, block->sums + slots), shrink, sum);
      float factors[STRIP_SLOTS];
      vstore8(shrink, 0, factors);
      for (int r = 0; r < group_rows; r++) {
        if (factors[r] != 1.0f) {
          scale_row(
              block->out + (size_t)(i + r) * call->out_stride, call->head_size, factors[r]);
        }
      }
    }
    vstore8(maximum, 0, block->maxima + slots);
    vstore8(sum, 0, block->sums + slots);
  }
}

// Divides the sums of rows by those of their weights. Rows that see nothing become zero.
INLINE void divide_rows(
    const AttentionCall* call, global_floats out, global_floats lse, const_local_floats maxima,
    const_local_floats sums, int rows, int written) {
  for (int i = 0; i < rows; i += GROUP_ROWS) {
    int slots = slot_of_row(i);
    float8 sum = vload8(0, sums + slots);
    float saved[STRIP_SLOTS];
    float factors[STRIP_SLOTS];
    vstore8(vload8(0, maxima + slots) + NARROWED(log_vec(WIDENED(sum))), 0, saved);
    vstore8(sum == 0.0f ? (float8)(0.0f) : 1.0f / sum, 0, factors);
    for (int r = 0; r < min(GROUP_ROWS, rows - i); r++) {
      global_floats row = out + (size_t)(i + r) * call->out_stride;
      lse[i + r] = saved[r];
      if (written) {
        scale_row(row, call->head_size, factors[r]);
      } else {
        clear_row(row, call->head_size);
      }
    }
  }
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
  size_t first_key = (size_t)key_sequence(command, &call, batch) * call.keys;
  const_global_floats q = SPAN(0) + first_query * call.q_stride + head * head_size;
  const_global_floats k = SPAN(2) + first_key * call.k_stride + kv_head * head_size;
  const_global_floats v = SPAN(4) + first_key * call.v_stride + kv_head * head_size;
  global_floats out = SPAN(6) + first_query * call.out_stride + head * head_size;
  global_floats lse = SPAN(8) + (size_t)batch_head * call.queries;

  local_floats key_panels = local_memory;
  local_floats value_panels = key_panels + panel_rows(head_size) * block;
  local_floats scores = value_panels + round_up(head_size, PANEL) * block;
  local_floats maxima = scores + FORWARD_QUERIES * block;
  local_floats sums = maxima + FORWARD_SLOTS;

  int query_begin = chunk * block;
  int query_end = min(call.live, query_begin + block);
  if (query_begin >= query_end) {
    return;
  }
  Range chunk_keys = keys_seen_by(&call, batch, length, query_begin, query_end);
  for (int n = 0; n < FORWARD_SLOTS; n += STRIP_SLOTS) {
    vstore8((float8)(-INFINITY), 0, maxima + n);
    vstore8((float8)(0.0f), 0, sums + n);
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

      int slots = slot_of_row(r0 - query_begin);
      SoftmaxRows softmax = {
          scores, block, maxima + slots, sums + slots, out_rows, r0, rows, k0, add};
      weigh_rows(&call, &visible, &softmax, batch_head);

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

  for (int r0 = query_begin; r0 < query_end; r0 += FORWARD_QUERIES) {
    int n = r0 - query_begin;
    divide_rows(
        &call, out + (size_t)r0 * call.out_stride, lse + r0, maxima + slot_of_row(n),
        sums + slot_of_row(n), min(FORWARD_QUERIES, query_end - r0),
        (started >> (n / FORWARD_QUERIES)) & 1);
  }
}
