// attention/backward.cl with operands of its products in bf16: q, k, v and dout, and the weights and
// their gradients once they are computed in fp32.
//
//   tile: one (batch, key-value head), blocks of keys left to right. Per key block: pack K twice and V;
//   dK and dV gather in local memory over the query heads of the group, each running down its rows:
//
//     S = Q K^T   dP = dO V^T   → P M and dS in fp32 →   dV += (P M)^T dO   dK += dS^T Q   dQ += dS K
//
//   Local memory is that of heads of 64, 128 and 256 with 128, 64 and 32 keys a block, and 64, 64 and
//   32 rows at a time.
//
//   arguments: those of attention/backward.cl, 50 unit

INLINE void bf16_attention_backward(const Command* command, int tile, local_floats local_memory) {
  AttentionCall call = attention_call(command);
  int dout_stride = INT(46);
  int dq_stride = INT(47);
  int dk_stride = INT(48);
  int dv_stride = INT(49);
  int unit = INT(50);
  int head_size = call.head_size;
  int head_blocks = (head_size + BF16_BLOCK - 1) / BF16_BLOCK;
  int head_floats = head_blocks * BF16_BLOCK;
  int block = backward_keys(head_size);
  int key_blocks = block / BF16_BLOCK;
  int most_rows = head_size <= 128 ? BF16_ATTENTION_ROWS : BF16_BLOCK;
  int row_blocks = most_rows / BF16_BLOCK;
  int group_heads = call.heads / call.kv_heads;
  int batch = tile / call.kv_heads;
  int kv_head = tile % call.kv_heads;
  int length = key_length(&call, batch);

  size_t first_key = (size_t)batch * call.keys;
  const_global_floats k_head = SPAN(2) + first_key * call.k_stride + kv_head * head_size;
  const_global_floats v_head = SPAN(4) + first_key * call.v_stride + kv_head * head_size;
  global_floats dk_head = SPAN(40) + first_key * dk_stride + kv_head * head_size;
  global_floats dv_head = SPAN(42) + first_key * dv_stride + kv_head * head_size;

  local_floats keys_by_rows = local_memory;
  local_floats keys_by_columns = keys_by_rows + block * head_floats / 2;
  local_floats values_by_rows = keys_by_columns + block * head_floats / 2;
  local_floats dkeys = values_by_rows + block * head_floats / 2;
  local_floats dvalues = dkeys + block * head_floats;
  local_floats left = dvalues + block * head_floats;
  local_floats right = left + most_rows * head_floats / 2;
  local_floats weights = right + most_rows * head_floats / 2;
  local_floats p = weights + most_rows * block / 2;
  local_floats ds = p + round_up(most_rows, GROUP_ROWS) * block;
  local_floats scratch = ds + round_up(most_rows, GROUP_ROWS) * block;

  if (unit == UNIT_TILES) {
    begin_tiles();
  }
  for (int k0 = 0; k0 < call.keys; k0 += block) {
    int block_keys = min(block, call.keys - k0);
    int live_keys = clamp(length - k0, 0, block_keys);
    const_global_floats k = k_head + (size_t)k0 * call.k_stride;
    const_global_floats v = v_head + (size_t)k0 * call.v_stride;
    for (int values = 0; values < 2; values++) {
      pack_local(
          unit, values ? v : k, values ? call.v_stride : call.k_stride, live_keys, head_size,
          head_blocks, RIGHT_BY_ROWS, values ? values_by_rows : keys_by_rows);
    }
    pack_local(
        unit, k, call.k_stride, head_size, live_keys, key_blocks, RIGHT_BY_COLUMNS,
        keys_by_columns);
    clear_local(dkeys, block * head_floats);
    clear_local(dvalues, block * head_floats);

    // The first block runs over all queries: it writes every dQ, also where nothing is seen.
    Range seeing = {0, call.queries};
    if (k0 > 0) {
      seeing = queries_that_see(&call, k0, k0 + live_keys);
    }
    for (int h = 0; h < group_heads; h++) {
      GradientHead head = gradient_head(command, &call, batch, kv_head * group_heads + h, k0 == 0);

      for (int r0 = seeing.first; r0 < seeing.end; r0 += most_rows) {
        int rows = min(most_rows, seeing.end - r0);
        const_global_floats q_rows = head.q + (size_t)r0 * call.q_stride;
        const_global_floats dout_rows = head.dout + (size_t)r0 * dout_stride;
        Visible visible;
        find_visible(&visible, &call, batch, length, r0, rows, k0, live_keys);
        if (visible.all.end == 0 && k0 > 0) {
          continue;
        }
        Range keys = whole_blocks(visible.all);
        int first_block = keys.first / BF16_BLOCK;
        int live = keys.end - keys.first;
        if (live > 0) {
          int whole_rows = round_up(rows, BF16_BLOCK);
          int row_steps = whole_rows / BF16_BLOCK;
          // Loops over two products, since the compiler takes its time for each.
          for (int upstream = 0; upstream < 2; upstream++) {
            pack_local(
                unit, upstream ? dout_rows : q_rows, upstream ? dout_stride : call.q_stride, rows,
                head_size, head_blocks, LEFT_BY_ROWS, left);
            multiply_packed(
                unit, left, head_blocks,
                block_of(upstream ? values_by_rows : keys_by_rows, head_blocks, first_block, 0),
                head_blocks, as_global((upstream ? ds : p) + keys.first), block, whole_rows, live,
                head_blocks, false, scratch);
          }

          GradientRows gradient = {
              p, ds, block, head.out + (size_t)r0 * call.out_stride, head.lse + r0, dout_rows,
              dout_stride, head.dbias, r0, rows, k0};
          differentiate_rows(&call, &visible, &gradient, keys, head.batch_head);

          for (int values = 0; values < 2; values++) {
            pack_local(
                unit, values ? dout_rows : q_rows, values ? dout_stride : call.q_stride, head_size,
                rows, row_blocks, RIGHT_BY_COLUMNS, right);
            pack_local(
                unit, as_global((values ? p : ds) + keys.first), block, live, rows, row_blocks,
                LEFT_BY_COLUMNS, weights);
            multiply_packed(
                unit, weights, row_blocks, right, row_blocks,
                as_global((values ? dvalues : dkeys) + keys.first * head_floats), head_floats, live,
                head_floats, row_steps, true, scratch);
          }
        }
        pack_local(
            unit, as_global(ds + keys.first), block, rows, live, key_blocks, LEFT_BY_ROWS,
            weights);
        multiply_packed(
            unit, weights, key_blocks, block_of(keys_by_columns, key_blocks, 0, first_block),
            key_blocks, head.dq + (size_t)r0 * dq_stride, dq_stride, rows, head_size, live / BF16_BLOCK,
            k0 > 0, scratch);
      }
    }

    for (int i = 0; i < block_keys; i++) {
      global_floats dk = dk_head + (size_t)(k0 + i) * dk_stride;
      global_floats dv = dv_head + (size_t)(k0 + i) * dv_stride;
      for (int d = 0; d < head_size; d += LANES) {
        STORE_WITHIN(LOAD(dkeys + i * head_floats + d), dk + d, head_size - d);
        STORE_WITHIN(LOAD(dvalues + i * head_floats + d), dv + d, head_size - d);
      }
    }
  }
  if (unit == UNIT_TILES) {
    end_tiles();
  }
}
