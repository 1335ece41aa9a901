// Gradient of attention/forward.cl; the scores are computed again from q, k and the saved lse. Columns of q
// and dout are copied side by side before use: rows a large power of two apart fall on few cache sets.
//
//   P = e^(scale q.k + bias - lse)   M = dropout factors (1 without dropout)
//   dV = (P M)^T dO                  D = rowsum(dO * O)
//   dB = P (dO V^T M - D)            dbias[j - i] = sum of dB over one distance
//   dS = scale dB                    dQ = dS K        dK = dS^T Q
//
//            keys →
//          +-----+-----+-----+       tile: one (batch, key-value head), blocks of keys left to right
//          |\    |     |     |
//   queries|  \  |     |     |       per key block: pack K^T, V^T, K; dK and dV of the block gather
//     ↓    +-----+     |     |       in local memory over the query heads of the group in turn, each
//          |     |\    |     |       running down BACKWARD_QUERIES rows at a time; rows that do not
//          |     |  \  |     |       see the block are skipped; dQ gathers in place over the key
//          +-----+-----+-----+       blocks. No atomics: one order of summation.
//
//   arguments: those of common/attention/call.cl, 36 dout, 38 dq, 40 dk, 42 dv,
//              44 dbias[batch, heads, queries + keys - 1] (or absent),
//              strides: 46 dout, 47 dq, 48 dk, 49 dv

INLINE void clear_local(local_floats floats, int count) {
  for (int i = 0; i < count; i += LANES) {
    STORE((vec)(0.0f), floats + i);
  }
}

// D of the rows of a strip: the dot products of out and dout.
INLINE float8 dots_of_strip(
    const_global_floats a, int a_stride, const_global_floats b, int b_stride, int rows, int count) {
  int full = round_down(count, LANES);
  vec sums[GROUP_ROWS];
#pragma unroll
  for (int r = 0; r < GROUP_ROWS; r++) {
    size_t row = (size_t)min(r, rows - 1);
    const_global_floats x = a + row * a_stride;
    const_global_floats y = b + row * b_stride;
    vec sum = (vec)(0.0f);
    for (int d = 0; d < full; d += LANES) {
      sum = fma(LOAD(x + d), LOAD(y + d), sum);
    }
    if (full < count) {
      sum += keep_first(LOAD(x + full) * LOAD(y + full), count - full);
    }
    sums[r] = sum;
  }
  return sums_of_rows(sums);
}

// What one strip of rows needs besides the products.
typedef struct {
  Range rows[GROUP_ROWS];
  float lse[STRIP_SLOTS];
  float dots[STRIP_SLOTS];
  DropoutSeeds seeds[GROUP_ROWS];
} GradientStrip;

// p: raw scores become P M; ds: dO V^T becomes dS. Both are zero where a row does not see a key of
// the block's vectors.
INLINE void gradients_of_strip(
    local_floats p, local_floats ds, int stride, const GradientStrip* strip, Range group,
    Range block, float score_scale, float scale, Dropout dropout, uint first_column) {
  Range common = seen_by_every(strip->rows);
  for (int j = round_down(block.first, LANES); j < block.end; j += LANES) {
    int seen = j + LANES > group.first && j < group.end;
    int whole = j >= common.first && j + LANES <= common.end;
#pragma unroll
    for (int r = 0; r < GROUP_ROWS; r++) {
      int at = r * stride + j;
      vec weighted = (vec)(0.0f);
      vec gradient = (vec)(0.0f);
      if (seen) {
        vec offset = (vec)(-strip->lse[r]);
        vec probability = exp_vec(fma(LOAD(p + at), (vec)(score_scale), offset));
        vec upstream = LOAD(ds + at);
        weighted = probability;
        if (dropout.key) {
          vec factors = dropout_factors(dropout, strip->seeds[r], first_column + j);
          weighted = probability * factors;
          upstream *= factors;
        }
        gradient = probability * (upstream - (vec)(strip->dots[r])) * scale;
        if (!whole) {
          ivec inside = is_in(j, strip->rows[r]);
          weighted = inside ? weighted : (vec)(0.0f);
          gradient = inside ? gradient : (vec)(0.0f);
        }
      }
      STORE(weighted, p + at);
      STORE(gradient, ds + at);
    }
  }
}

// Adds one row of score gradients to the sums per distance, which belong to this tile alone.
INLINE void add_to_distances(
    global_floats sums, const_local_floats ds, Range row, float inverse_scale) {
  int j = row.first;
  for (; j + LANES <= row.end; j += LANES) {
    STORE(fma(LOAD(ds + j), (vec)(inverse_scale), LOAD(sums + j)), sums + j);
  }
  for (; j < row.end; j++) {
    sums[j] = fma(ds[j], inverse_scale, sums[j]);
  }
}

// The rows of one query head that are differentiated at a time, and one block of keys.
typedef struct {
  local_floats p;
  local_floats ds;
  int stride;
  const_global_floats out;
  const_global_floats lse;
  const_global_floats dout;
  int dout_stride;
  global_floats dbias;  // of the head; or absent
  int first_row;
  int rows;
  int first_key;
} GradientRows;

// p: raw scores become P M; ds: dO V^T becomes dS, for the keys of a range.
INLINE void differentiate_rows(
    const AttentionCall* call, const Visible* visible, const GradientRows* block, Range keys,
    int batch_head) {
  int head = batch_head % call->heads;
  for (int i = 0; i < block->rows; i += GROUP_ROWS) {
    Range group = visible->groups[i / GROUP_ROWS];
    int group_rows = min(GROUP_ROWS, block->rows - i);
    int first_row = block->first_row + i;
    local_floats p = block->p + i * block->stride;
    local_floats ds = block->ds + i * block->stride;
    GradientStrip gradient;
    for (int r = 0; r < GROUP_ROWS; r++) {
      gradient.rows[r] = visible->rows[i + r];
      gradient.lse[r] = block->lse[i + min(r, group_rows - 1)];
    }
    float score_scale = call->scale;
    if (group.first < group.end) {
      vstore8(
          dots_of_strip(
              block->out + (size_t)i * call->out_stride, call->out_stride,
              block->dout + (size_t)i * block->dout_stride, block->dout_stride, group_rows,
              call->head_size),
          0, gradient.dots);
      if (call->dropout.key) {
        for (int r = 0; r < GROUP_ROWS; r++) {
          gradient.seeds[r] = dropout_seeds(
              call->dropout, (ulong)batch_head * call->queries + (ulong)(first_row + r));
        }
      }
      if (call->bias) {
        for (int r = 0; r < group_rows; r++) {
          add_bias(
              p + r * block->stride, gradient.rows[r], call->scale,
              bias_of_query(call, head, first_row + r) + block->first_key);
        }
        score_scale = 1.0f;
      }
    }
    gradients_of_strip(
        p, ds, block->stride, &gradient, group, keys, score_scale, call->scale, call->dropout,
        (uint)block->first_key);
    if (block->dbias) {
      for (int r = 0; r < group_rows; r++) {
        add_to_distances(
            block->dbias + call->queries - 1 - (first_row + r) + block->first_key,
            ds + r * block->stride, gradient.rows[r], 1.0f / call->scale);
      }
    }
  }
}

// Where the operands of a query head begin.
typedef struct {
  int batch_head;
  const_global_floats q;
  const_global_floats out;
  const_global_floats lse;
  const_global_floats dout;
  global_floats dq;
  global_floats dbias;  // of its distances, or 0
} GradientHead;

// first: whether the sums of its distances begin here.
INLINE GradientHead gradient_head(
    const Command* command, const AttentionCall* call, int batch, int head, bool first) {
  size_t first_query = (size_t)batch * call->queries;
  size_t batch_head = (size_t)batch * call->heads + head;
  int column = head * call->head_size;
  int distances = call->queries + call->keys - 1;
  global_floats dbias = SPAN(44);
  if (dbias) {
    dbias += batch_head * distances;
    for (int i = 0; first && i < distances; i++) {
      dbias[i] = 0.0f;
    }
  }
  GradientHead begin = {
      (int)batch_head,
      SPAN(0) + first_query * call->q_stride + column,
      SPAN(6) + first_query * call->out_stride + column,
      SPAN(8) + batch_head * call->queries,
      SPAN(36) + first_query * INT(46) + column,
      SPAN(38) + first_query * INT(47) + column,
      dbias};
  return begin;
}

INLINE void attention_backward(const Command* command, int tile, local_floats local_memory) {
  AttentionCall call = attention_call(command);
  int head_size = call.head_size;
  int dout_stride = INT(46);
  int dq_stride = INT(47);
  int dk_stride = INT(48);
  int dv_stride = INT(49);
  int block = backward_keys(head_size);
  int padded_head = round_up(head_size, PANEL);
  int group_heads = call.heads / call.kv_heads;
  int batch = tile / call.kv_heads;
  int kv_head = tile % call.kv_heads;
  int length = key_length(&call, batch);

  size_t first_key = (size_t)batch * call.keys;
  const_global_floats k_head = SPAN(2) + first_key * call.k_stride + kv_head * head_size;
  const_global_floats v_head = SPAN(4) + first_key * call.v_stride + kv_head * head_size;
  global_floats dk_head = SPAN(40) + first_key * dk_stride + kv_head * head_size;
  global_floats dv_head = SPAN(42) + first_key * dv_stride + kv_head * head_size;

  local_floats key_panels = local_memory;
  local_floats value_panels = key_panels + panel_rows(head_size) * block;
  local_floats key_rows = value_panels + panel_rows(head_size) * block;
  local_floats dkeys = key_rows + padded_head * block;
  local_floats dvalues = dkeys + padded_head * block;
  local_floats p = dvalues + padded_head * block;
  local_floats ds = p + BACKWARD_QUERIES * block;
  local_floats dout_panel = ds + BACKWARD_QUERIES * block;
  local_floats query_panel = dout_panel + BACKWARD_QUERIES * PANEL;

  Range seen_from[BACKWARD_KEYS / GROUP_ROWS + 1];  // per strip of keys, the rows that see it
  for (int k0 = 0; k0 < call.keys; k0 += block) {
    int block_keys = min(block, call.keys - k0);
    int live_keys = clamp(length - k0, 0, block_keys);
    const_global_floats k = k_head + (size_t)k0 * call.k_stride;
    const_global_floats v = v_head + (size_t)k0 * call.v_stride;
    pack_panels_transposed(k, call.k_stride, key_panels, live_keys, head_size);
    pack_panels_transposed(v, call.v_stride, value_panels, live_keys, head_size);
    pack_panels(k, call.k_stride, key_rows, head_size, live_keys, block * PANEL);
    clear_local(dkeys, block_keys * padded_head);
    clear_local(dvalues, block_keys * padded_head);

    // The first block runs over all queries: it writes every dQ, also where nothing is seen.
    Range seeing = {0, call.queries};
    if (k0 > 0) {
      seeing = queries_that_see(&call, k0, k0 + live_keys);
    }
    for (int h = 0; h < group_heads; h++) {
      GradientHead head = gradient_head(command, &call, batch, kv_head * group_heads + h, k0 == 0);

      for (int r0 = seeing.first; r0 < seeing.end; r0 += BACKWARD_QUERIES) {
        int rows = min(BACKWARD_QUERIES, seeing.end - r0);
        const_global_floats q_rows = head.q + (size_t)r0 * call.q_stride;
        const_global_floats dout_rows = head.dout + (size_t)r0 * dout_stride;
        global_floats dq_rows = head.dq + (size_t)r0 * dq_stride;
        int strip;

        Visible visible;
        find_visible(&visible, &call, batch, length, r0, rows, k0, live_keys);
        if (visible.all.end == 0 && k0 > 0) {
          continue;
        }
        // The keys of whole strips, so that a strip finds zeros where nothing is visible.
        Range widened = {
            round_down(visible.all.first, GROUP_ROWS),
            min(live_keys, round_up(visible.all.end, GROUP_ROWS))};
        multiply_visible(
            &visible, rows, q_rows, call.q_stride, key_panels, p, block, head_size);
        multiply_visible(
            &visible, rows, dout_rows, dout_stride, value_panels, ds, block, head_size);

        GradientRows gradient = {
            p, ds, block, head.out + (size_t)r0 * call.out_stride, head.lse + r0, dout_rows,
            dout_stride, head.dbias, r0, rows, k0};
        differentiate_rows(&call, &visible, &gradient, widened, head.batch_head);

        for (int i = widened.first; i < widened.end; i += GROUP_ROWS) {
          seen_from[i / GROUP_ROWS] = rows_that_see(&visible, rows, i, i + GROUP_ROWS);
        }
        for (int d = 0; d < head_size; d += PANEL) {
          pack_panels(dout_rows + d, dout_stride, dout_panel, PANEL, rows, 0);
          pack_panels(q_rows + d, call.q_stride, query_panel, PANEL, rows, 0);
          for (int i = widened.first; i < widened.end; i += strip) {
            strip = strip_rows(widened.end - i);
            Range see = seen_from[i / GROUP_ROWS];
            int depth = max(0, see.end - see.first);
            local_floats dv = dvalues + i * padded_head + d;
            local_floats dk = dkeys + i * padded_head + d;
            weigh_panel_into_local(
                strip, p + see.first * block + i, 1, block, dout_panel + see.first * PANEL, PANEL,
                dv, padded_head, depth, dv, 0, 0, PANEL);
            weigh_panel_into_local(
                strip, ds + see.first * block + i, 1, block, query_panel + see.first * PANEL,
                PANEL, dk, padded_head, depth, dk, 0, 0, PANEL);
          }
        }

        for (int d = 0; d < head_size; d += PANEL) {
          for (int i = 0; i < rows; i += strip) {
            strip = strip_rows(rows - i);
            Range group = visible.groups[i / GROUP_ROWS];
            global_floats target = dq_rows + (size_t)i * dq_stride + d;
            weigh_into_global(
                strip, ds + i * block + group.first, block, 1,
                key_rows + d * block + group.first * PANEL, PANEL, target, dq_stride,
                group.end - group.first, k0 > 0 ? target : (global_floats)0, dq_stride, 0,
                head_size - d);
          }
        }
      }
    }

    for (int i = 0; i < block_keys; i++) {
      global_floats dk = dk_head + (size_t)(k0 + i) * dk_stride;
      global_floats dv = dv_head + (size_t)(k0 + i) * dv_stride;
      for (int d = 0; d < head_size; d += LANES) {
        STORE_WITHIN(LOAD(dkeys + i * padded_head + d), dk + d, head_size - d);
        STORE_WITHIN(LOAD(dvalues + i * padded_head + d), dv + d, head_size - d);
      }
    }
  }
}
