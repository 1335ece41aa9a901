// The attention weights themselves, for inspection: what attention/forward.cl keeps to itself.
//
//   weights[b, h, i, j] = e^(scale q.k + bias - lse[b, h, i]) where visible, else 0; no dropout
//
//            keys →
//          +-------+-------+       tile: one (batch, head), one chunk of queries; per key block: pack
//   chunk 0|       |       |       K^T once, then scores of FORWARD_QUERIES rows at a time, stored as
//          +-------+-------+       weights; blocks that no row of a chunk sees are cleared
//   chunk 1|       |       |
//          +-------+-------+
//
//   arguments: those of common/attention/call.cl without v and out, 36 weights

INLINE void store_weights(
    local_floats scores, Range row, float scale, float lse, global_floats weights, int keys) {
  for (int j = 0; j < keys; j += LANES) {
    vec p = (vec)(0.0f);
    if (j + LANES > row.first && j < row.end) {
      p = keep_range(exp_vec(fma(LOAD(scores + j), (vec)(scale), (vec)(-lse))), j, row);
    }
    STORE_WITHIN(p, weights + j, keys - j);
  }
}

INLINE void attention_weights(const Command* command, int tile, local_floats local_memory) {
  AttentionCall call = attention_call(command);
  int head_size = call.head_size;
  int block = forward_keys(head_size);
  int chunks = (call.queries + block - 1) / block;
  int batch_head = tile / chunks;
  int batch = batch_head / call.heads;
  int head = batch_head % call.heads;
  int kv_head = head / (call.heads / call.kv_heads);
  int length = key_length(&call, batch);
  const_global_floats q =
      SPAN(0) + (size_t)batch * call.queries * call.q_stride + head * head_size;
  const_global_floats k =
      SPAN(2) + (size_t)batch * call.keys * call.k_stride + kv_head * head_size;
  const_global_floats lse = SPAN(8) + (size_t)batch_head * call.queries;
  global_floats weights = SPAN(36) + (size_t)batch_head * call.queries * call.keys;
  local_floats key_panels = local_memory;
  local_floats scores = key_panels + panel_rows(head_size) * block;

  int query_begin = tile % chunks * block;
  int query_end = min(call.queries, query_begin + block);
  for (int k0 = 0; k0 < call.keys; k0 += block) {
    int live_keys = min(block, call.keys - k0);
    int packed = 0;
    for (int r0 = query_begin; r0 < query_end; r0 += FORWARD_QUERIES) {
      int rows = min(FORWARD_QUERIES, query_end - r0);
      Visible visible;
      find_visible(&visible, &call, batch, length, r0, rows, k0, live_keys);
      if (visible.all.end > 0 && !packed) {
        pack_panels_transposed(
            k + (size_t)k0 * call.k_stride, call.k_stride, key_panels, live_keys, head_size);
        packed = 1;
      }
      multiply_visible(
          &visible, rows, q + (size_t)r0 * call.q_stride, call.q_stride, key_panels, scores, block,
          head_size);
      for (int i = 0; i < rows; i++) {
        local_floats s = scores + i * block;
        Range row = visible.rows[i];
        float scale = call.scale;
        if (call.bias && row.first < row.end) {
          add_bias(s, row, scale, bias_of_query(&call, head, r0 + i) + k0);
          scale = 1.0f;
        }
        store_weights(
            s, row, scale, lse[r0 + i], weights + (size_t)(r0 + i) * call.keys + k0, live_keys);
      }
    }
  }
}
