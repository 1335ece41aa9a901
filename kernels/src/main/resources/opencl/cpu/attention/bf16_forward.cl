// attention/forward.cl with operands of its products in bf16: q, k and v, and the weights before they
// are divided by their sum. Scores, the softmax and the sums are fp32.
//
//   tile: one (batch, head), one chunk of queries, as many as a block has keys; late chunks first.
//   Pack Q once. Per key block that the chunk sees: pack K and V once, then for each BF16_ATTENTION_ROWS
//   rows that see it: scores → online softmax → pack the weights → O += P V.
//
//   arguments: those of attention/forward.cl, 43 unit

INLINE void bf16_attention_forward(const Command* command, int tile, local_floats local_memory) {
  AttentionCall call = attention_call(command);
  int unit = INT(43);
  int head_size = call.head_size;
  int head_blocks = (head_size + BF16_BLOCK - 1) / BF16_BLOCK;
  int head_floats = head_blocks * BF16_BLOCK;
  int batch_heads = call.batch * call.heads;
  int block = forward_keys(head_size);
  int key_blocks = block / BF16_BLOCK;
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

  int stride = block + BF16_SCORES_APART;
  int rows_floats = round_up(BF16_ATTENTION_ROWS, GROUP_ROWS) * stride;
  local_floats packed_keys = local_memory;
  local_floats packed_values = packed_keys + block * head_floats / 2;
  local_floats packed_queries = packed_values + block * head_floats / 2;
  local_floats packed_weights = packed_queries + block * head_floats / 2;
  local_floats scores = packed_weights + BF16_ATTENTION_ROWS * block / 2;
  local_floats maxima = scores + rows_floats;
  local_floats sums = maxima + FORWARD_SLOTS;
  local_floats scratch = sums + FORWARD_SLOTS;

  int query_begin = chunk * block;
  int query_end = min(call.queries, query_begin + block);
  Range chunk_keys = keys_seen_by(&call, batch, length, query_begin, query_end);
  for (int n = 0; n < FORWARD_SLOTS; n += STRIP_SLOTS) {
    vstore8((float8)(-INFINITY), 0, maxima + n);
    vstore8((float8)(0.0f), 0, sums + n);
  }

  uint started = 0;  // bit r: out of the chunk's r-th rows holds a sum
  if (unit == UNIT_TILES) {
    begin_tiles();
  }
  if (chunk_keys.first < chunk_keys.end) {
    pack_local(
        unit, q + (size_t)query_begin * call.q_stride, call.q_stride, query_end - query_begin,
        head_size, head_blocks, LEFT_BY_ROWS, packed_queries);
  }
  for (int k0 = round_down(chunk_keys.first, block); k0 < chunk_keys.end; k0 += block) {
    int live_keys = min(block, chunk_keys.end - k0);
    bool packed = false;
    for (int r0 = query_begin; r0 < query_end; r0 += BF16_ATTENTION_ROWS) {
      int rows = min(BF16_ATTENTION_ROWS, query_end - r0);
      int number = (r0 - query_begin) / BF16_ATTENTION_ROWS;
      Visible visible;
      find_visible(&visible, &call, batch, length, r0, rows, k0, live_keys);
      if (visible.all.end == 0) {
        continue;
      }
      if (!packed) {
        pack_local(
            unit, k + (size_t)k0 * call.k_stride, call.k_stride, live_keys, head_size, head_blocks,
            RIGHT_BY_ROWS, packed_keys);
        pack_local(
            unit, v + (size_t)k0 * call.v_stride, call.v_stride, head_size, live_keys, key_blocks,
            RIGHT_BY_COLUMNS, packed_values);
        packed = true;
      }
      bool add = (started >> number) & 1;
      started |= 1u << number;
      global_floats out_rows = out + (size_t)r0 * call.out_stride;
      Range keys = whole_blocks(visible.all);
      int first_block = keys.first / BF16_BLOCK;
      int steps = keys.end / BF16_BLOCK - first_block;

      multiply_packed(
          unit, block_of(packed_queries, head_blocks, (r0 - query_begin) / BF16_BLOCK, 0),
          head_blocks, block_of(packed_keys, head_blocks, first_block, 0), head_blocks,
          as_global(scores + keys.first), stride, round_up(rows, BF16_BLOCK),
          keys.end - keys.first, head_blocks, false, scratch);

      SoftmaxRows softmax = {
          scores, stride, maxima + number * BF16_ATTENTION_SLOTS,
          sums + number * BF16_ATTENTION_SLOTS, out_rows, r0, rows, k0, add};
      weigh_rows(&call, &visible, &softmax, batch_head);
      for (int i = 0; i < rows; i += GROUP_ROWS) {
        clear_unseen(scores + i * stride, stride, visible.groups[i / GROUP_ROWS], keys);
      }

      pack_local(
          unit, as_global(scores + keys.first), stride, rows, keys.end - keys.first, key_blocks,
          LEFT_BY_ROWS, packed_weights);
      multiply_packed(
          unit, packed_weights, key_blocks, block_of(packed_values, key_blocks, 0, first_block),
          key_blocks, out_rows, call.out_stride, rows, head_size, steps, add, scratch);
    }
  }
  if (unit == UNIT_TILES) {
    end_tiles();
  }
  for (int r0 = query_begin; r0 < query_end; r0 += BF16_ATTENTION_ROWS) {
    int number = (r0 - query_begin) / BF16_ATTENTION_ROWS;
    divide_rows(
        &call, out + (size_t)r0 * call.out_stride, lse + r0, maxima + number * BF16_ATTENTION_SLOTS,
        sums + number * BF16_ATTENTION_SLOTS, min(BF16_ATTENTION_ROWS, query_end - r0),
        (started >> number) & 1);
  }
}
