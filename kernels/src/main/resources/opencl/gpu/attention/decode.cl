// GPU form of one decoding step. Formulas and arguments: cpu/attention/decode.cl.
//
//   piece: one (batch, key-value head), panel by panel; the query heads that share it are the rows of a tile

KERNEL(attention_decode) {
  __local Scratch scratch;
  BEGIN_KERNEL;
  AttentionCall call = attention_call(command);
  int head_size = call.head_size;
  int group_heads = call.heads / call.kv_heads;
  int width = call.kv_heads * head_size;
  FOR_PIECES(piece, (long)call.batch * call.kv_heads) {
    int batch = (int)(piece / call.kv_heads);
    int kv_head = (int)(piece % call.kv_heads);
    int first_head = kv_head * group_heads;
    size_t cache = (size_t)batch * call.keys * width + kv_head * head_size;
    const_global_floats k = SPAN(2) + (size_t)batch * call.k_stride + kv_head * head_size;
    const_global_floats v = SPAN(4) + (size_t)batch * call.v_stride + kv_head * head_size;
    global_floats out = SPAN(6) + (size_t)batch * call.out_stride + first_head * head_size;
    global_floats keys = SPAN(36) + cache;
    global_floats values = SPAN(38) + cache;
    float position_value = SPAN(40)[batch];
    int inside = position_value >= 0.0f && position_value < (float)call.keys;
    int position = inside ? (int)position_value : 0;
    for (int d = ITEM; inside && d < head_size; d += GROUP_ITEMS) {
      keys[(size_t)position * width + d] = k[d];
      values[(size_t)position * width + d] = v[d];
    }
    if (ITEM < TILE) {
      Range nothing = {0, 0};
      scratch.visible[ITEM] =
          inside && ITEM < group_heads ? cached_keys(&call, batch, position) : nothing;
    }
    GLOBAL_BARRIER;
    AttendingRows attending;
    attending.q = SPAN(0) + (size_t)batch * call.q_stride + first_head * head_size;
    attending.k = keys;
    attending.v = values;
    attending.bias = call.bias;
    if (call.bias) {
      attending.bias += (size_t)first_head * call.keys + call.keys - 1 - position;
    }
    attending.bias_stride = call.keys;
    attending.q_stride = head_size;
    attending.k_stride = width;
    attending.v_stride = width;
    attending.rows = group_heads;
    attending.head_size = head_size;
    attending.scale = call.scale;
    attending.dropout = call.dropout;
    for (attending.panel = 0; attending.panel < head_size; attending.panel += TILE) {
      attend(&attending, position + 1, out, head_size, (global_floats)0, &scratch);
    }
    GLOBAL_BARRIER;
    for (int d = ITEM; !inside && d < group_heads * head_size; d += GROUP_ITEMS) {
      out[d] = NAN;
    }
  }
}
