// Gradient of causal self-attention; the scores are computed again from q, k and the saved lse.
//
//   P = e^(scale q.k - lse)          M = dropout factors (1 without dropout)
//   dV = (P M)^T dO                  D = rowsum(dO * O)
//   dS = scale P (dO V^T M - D)      dQ = dS K        dK = dS^T Q
//
//            keys →
//          +-----+-----+-----+       tile: one (batch, head), blocks of keys left to right
//          |\    |     |     |
//   queries|  \  |     |     |       per key block: pack K^T, V^T, K; dK and dV of the block gather
//     ↓    +-----+     |     |       in local memory while BACKWARD_QUERIES rows at a time run down
//          |     |\    |     |       from the diagonal; dQ gathers in place over the key blocks.
//          |     |  \  |     |       No atomics: one order of summation.
//          +-----+-----+-----+
//
//   arguments: 0 qkv, 2 out, 4 lse, 6 dout, 8 dqkv, 10 dropout (or absent key), 15 batch, 16 time,
//              17 heads, 18 head size, 19 scale

INLINE void clear_local(local_floats floats, int count) {
  for (int i = 0; i < count; i += LANES) {
    STORE((vec)(0.0f), floats + i);
  }
}

INLINE float dot_row(const_global_floats a, const_global_floats b, int count) {
  float8 sum = (float8)(0.0f);
  for (int d = 0; d < count; d += 8) {
    sum = fma(vload8(0, a + d), vload8(0, b + d), sum);
  }
  return sum_of_8(sum);
}

// p: raw scores become P M; ds: dO V^T becomes dS. Keys behind last_key become zero in both.
INLINE void score_gradient_row(
    local_floats p, local_floats ds, int last_key, int seen, float scale, float lse, float row_dot,
    Dropout dropout, DropoutSeeds seeds, uint first_column) {
  for (int j = 0; j < seen; j += LANES) {
    vec probability = exp_vec(fma(LOAD(p + j), (vec)(scale), (vec)(-lse)));
    vec weighted = probability;
    vec upstream = LOAD(ds + j);
    if (dropout.key) {
      vec factors = dropout_factors(dropout, seeds, first_column + j);
      weighted = probability * factors;
      upstream *= factors;
    }
    vec gradient = probability * (upstream - row_dot) * scale;
    if (j + LANES - 1 > last_key) {
      weighted = keep_first(weighted, last_key + 1 - j);
      gradient = keep_first(gradient, last_key + 1 - j);
    }
    STORE(weighted, p + j);
    STORE(gradient, ds + j);
  }
}

INLINE void attention_backward(const Command* command, int tile, local_floats local_memory) {
  Dropout dropout = dropout_argument(command, 10);
  int time = INT(16);
  int heads = INT(17);
  int head_size = INT(18);
  float scale = FLOAT(19);
  int width = heads * head_size;
  int stride = 3 * width;
  int keys = backward_keys(head_size);
  int padded_head = round_up(head_size, PANEL);
  int batch = tile / heads;
  int head = tile % heads;

  size_t first = (size_t)batch * time;
  const_global_floats q = SPAN(0) + first * stride + head * head_size;
  const_global_floats out = SPAN(2) + first * width + head * head_size;
  const_global_floats lse = SPAN(4) + (size_t)tile * time;
  const_global_floats dout = SPAN(6) + first * width + head * head_size;
  global_floats dq = SPAN(8) + first * stride + head * head_size;

  local_floats key_panels = local_memory;
  local_floats value_panels = key_panels + head_size * keys;
  local_floats key_rows = value_panels + head_size * keys;
  local_floats dkeys = key_rows + padded_head * keys;
  local_floats dvalues = dkeys + padded_head * keys;
  local_floats p = dvalues + padded_head * keys;
  local_floats ds = p + BACKWARD_QUERIES * keys;

  for (int k0 = 0; k0 < time; k0 += keys) {
    int live_keys = min(keys, time - k0);
    const_global_floats k = q + width + (size_t)k0 * stride;
    pack_panels_transposed(k, stride, key_panels, live_keys, head_size);
    pack_panels_transposed(k + width, stride, value_panels, live_keys, head_size);
    pack_panels(k, stride, key_rows, head_size, live_keys, keys * PANEL);
    clear_local(dkeys, live_keys * padded_head);
    clear_local(dvalues, live_keys * padded_head);

    for (int r0 = k0; r0 < time; r0 += BACKWARD_QUERIES) {
      int rows = min(BACKWARD_QUERIES, time - r0);
      int offset = r0 - k0;  // row i sees keys up to offset + i
      const_global_floats q_rows = q + (size_t)r0 * stride;
      const_global_floats dout_rows = dout + (size_t)r0 * width;
      global_floats dq_rows = dq + (size_t)r0 * stride;
      int strip;

      int seen = min(live_keys, round_up(offset + rows, PANEL));
      for (int j = 0; j < seen; j += PANEL) {
        int begin = j > offset ? round_down(j - offset, 6) : 0;
        for (int i = begin; i < rows; i += strip) {
          strip = strip_rows(rows - i);
          multiply_into_local(
              strip, q_rows + (size_t)i * stride, stride, 1, key_panels + j * head_size, PANEL,
              p + i * keys + j, keys, head_size, 0, 0, 0, PANEL);
          multiply_into_local(
              strip, dout_rows + (size_t)i * width, width, 1, value_panels + j * head_size, PANEL,
              ds + i * keys + j, keys, head_size, 0, 0, 0, PANEL);
        }
      }

      for (int i = 0; i < rows; i++) {
        float row_dot =
            dot_row(out + (size_t)(r0 + i) * width, dout_rows + (size_t)i * width, head_size);
        DropoutSeeds seeds = {0, 0};
        if (dropout.key) {
          seeds = dropout_seeds(dropout, (ulong)tile * time + (ulong)(r0 + i));
        }
        score_gradient_row(
            p + i * keys, ds + i * keys, offset + i, seen, scale, lse[r0 + i], row_dot, dropout,
            seeds, (uint)k0);
      }

      int key_end = min(live_keys, offset + rows);
      for (int d = 0; d < head_size; d += PANEL) {
        for (int i = 0; i < key_end; i += strip) {
          strip = strip_rows(key_end - i);
          int from = max(0, i - offset);  // earlier rows do not see key i
          local_floats dv = dvalues + i * padded_head + d;
          local_floats dk = dkeys + i * padded_head + d;
          weigh_rows_into_local(
              strip, p + from * keys + i, 1, keys, dout_rows + (size_t)from * width + d, width, dv,
              padded_head, rows - from, dv, 0, 0, PANEL);
          weigh_rows_into_local(
              strip, ds + from * keys + i, 1, keys, q_rows + (size_t)from * stride + d, stride, dk,
              padded_head, rows - from, dk, 0, 0, PANEL);
        }
      }

      for (int d = 0; d < head_size; d += PANEL) {
        for (int i = 0; i < rows; i += strip) {
          strip = strip_rows(rows - i);
          global_floats target = dq_rows + (size_t)i * stride + d;
          weigh_into_global(
              strip, ds + i * keys, keys, 1, key_rows + d * keys, PANEL, target, stride,
              min(live_keys, offset + i + strip), k0 > 0 ? target : (global_floats)0, stride, 0,
              head_size - d);
        }
      }
    }

    for (int i = 0; i < live_keys; i++) {
      global_floats dk = dq + (size_t)(k0 + i) * stride + width;
      for (int d = 0; d < head_size; d += 8) {
        vstore8(vload8(0, dkeys + i * padded_head + d), 0, dk + d);
        vstore8(vload8(0, dvalues + i * padded_head + d), 0, dk + width + d);
      }
    }
  }
}
