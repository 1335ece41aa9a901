// What every form of attention shares: its arguments, and which keys a query sees.
//
// Query i of a sequence stands at position p = i + keys - queries, so that the last query is aligned
// with the last key. It sees one interval of keys, the intersection of
//
//   [0, length)               padding:        lengths[batch], absent: all keys
//   [.., p]                   causal
//   [p - window + 1, ..]      sliding window  (not causal: [p - window + 1, p + window - 1])
//   [first, end)              documents:      first_keys and end_keys [batch, queries]
//
// and may see none. A term that depends on the distance j - p alone is added to the scaled score:
//   bias[head, keys - 1 + (j - p)], row length queries + keys - 1
//
//   arguments: 0 q, 2 k, 4 v, 6 out, 8 lse, 10 lengths, 12 first keys, 14 end keys, 16 bias,
//              18 dropout (or absent key), 23 batch, 24 queries, 25 keys, 26 heads,
//              27 key-value heads, 28 head size, 29 scale, 30 causal, 31 window (0: none),
//              strides: 32 q, 33 k, 34 v, 35 out

#define NO_BOUND (1 << 30)

// Causality and window let query i see the keys from i + first_offset up to i + end_offset.
typedef struct {
  const_global_floats lengths;
  const_global_floats first_keys;
  const_global_floats end_keys;
  const_global_floats bias;
  Dropout dropout;
  int batch;
  int queries;
  int keys;
  int heads;
  int kv_heads;
  int head_size;
  float scale;
  int first_offset;
  int end_offset;
  int q_stride;
  int k_stride;
  int v_stride;
  int out_stride;
} AttentionCall;

INLINE AttentionCall attention_call(const Command* command) {
  AttentionCall call;
  call.lengths = SPAN(10);
  call.first_keys = SPAN(12);
  call.end_keys = SPAN(14);
  call.bias = SPAN(16);
  call.dropout = dropout_argument(command, 18);
  call.batch = INT(23);
  call.queries = INT(24);
  call.keys = INT(25);
  call.heads = INT(26);
  call.kv_heads = INT(27);
  call.head_size = INT(28);
  call.scale = FLOAT(29);
  int shift = call.keys - call.queries;
  int window = INT(31);
  call.first_offset = window ? shift - window + 1 : -NO_BOUND;
  call.end_offset = INT(30) ? shift + 1 : window ? shift + window : NO_BOUND;
  call.q_stride = INT(32);
  call.k_stride = INT(33);
  call.v_stride = INT(34);
  call.out_stride = INT(35);
  return call;
}

// From first up to, not including, end; empty when first >= end.
typedef struct {
  int first;
  int end;
} Range;

INLINE int key_length(const AttentionCall* call, int batch) {
  return call->lengths ? clamp((int)call->lengths[batch], 0, call->keys) : call->keys;
}

INLINE Range visible_keys(const AttentionCall* call, int batch, int length, int query) {
  Range range = {max(query + call->first_offset, 0), min(query + call->end_offset, length)};
  if (call->first_keys) {
    range.first = max(range.first, (int)call->first_keys[(size_t)batch * call->queries + query]);
  }
  if (call->end_keys) {
    range.end = min(range.end, (int)call->end_keys[(size_t)batch * call->queries + query]);
  }
  range.end = max(range.end, 0);
  return range;
}

// Queries that may see one of the keys [first, end), from causality and window alone.
INLINE Range queries_that_see(const AttentionCall* call, int first, int end) {
  Range range = {
      clamp(first - call->end_offset + 1, 0, call->queries),
      clamp(end - call->first_offset, 0, call->queries)};
  return range;
}

// The term of key 0 for a query; the terms of the other keys follow it.
INLINE const_global_floats bias_of_query(const AttentionCall* call, int head, int query) {
  return call->bias + (size_t)head * (call->queries + call->keys - 1) + call->queries - 1 - query;
}

// Which keys of one block the rows of one block see, in keys relative to the block. Groups are the
// rows of one strip of the register-tiled products; a range of a group covers those of its rows.
#define VISIBLE_ROWS 72
#define GROUP_ROWS 6

typedef struct {
  Range rows[VISIBLE_ROWS];
  Range groups[VISIBLE_ROWS / GROUP_ROWS];
  Range all;
} Visible;

// Keys outside it are seen by none of the rows [first, end).
INLINE Range keys_seen_by(
    const AttentionCall* call, int batch, int length, int first, int end) {
  Range keys = {max(first + call->first_offset, 0), min(end - 1 + call->end_offset, length)};
  if (call->first_keys || call->end_keys) {
    Range bounds = {NO_BOUND, 0};
    for (int i = first; i < end; i++) {
      Range row = visible_keys(call, batch, length, i);
      bounds.first = row.first < row.end ? min(bounds.first, row.first) : bounds.first;
      bounds.end = row.first < row.end ? max(bounds.end, row.end) : bounds.end;
    }
    keys = bounds;
  }
  return keys;
}

INLINE void find_visible(
    Visible* visible, const AttentionCall* call, int batch, int length, int first_row, int rows,
    int first_key, int keys) {
  int all_first = NO_BOUND;
  int all_end = 0;
  for (int i = 0; i < rows;) {
    int group_first = NO_BOUND;
    int group_end = 0;
    int group = i / GROUP_ROWS;
    for (int stop = min(rows, i + GROUP_ROWS); i < stop; i++) {
      Range row = visible_keys(call, batch, length, first_row + i);
      row.first = max(row.first - first_key, 0);
      row.end = min(row.end - first_key, keys);
      visible->rows[i] = row;
      int seen = row.first < row.end;
      group_first = min(group_first, seen ? row.first : NO_BOUND);
      group_end = max(group_end, seen ? row.end : 0);
    }
    for (int n = i; n < (group + 1) * GROUP_ROWS; n++) {
      visible->rows[n] = (Range){0, 0};
    }
    visible->groups[group].first = group_end ? group_first : 0;
    visible->groups[group].end = group_end;
    all_first = min(all_first, group_first);
    all_end = max(all_end, group_end);
  }
  visible->all.first = all_end ? all_first : 0;
  visible->all.end = all_end;
}

// The first to the last row that sees one of the keys [first, end).
INLINE Range rows_that_see(const Visible* visible, int rows, int first, int end) {
  Range seeing = {0, rows};
  while (seeing.first < seeing.end) {
    int group = seeing.first / GROUP_ROWS;
    int whole_group = seeing.first % GROUP_ROWS == 0;
    Range range = visible->groups[group];
    if (whole_group && (range.first >= end || range.end <= first)) {
      seeing.first += GROUP_ROWS;
      continue;
    }
    range = visible->rows[seeing.first];
    if (range.first < end && range.end > first) {
      break;
    }
    seeing.first++;
  }
  while (seeing.first < seeing.end) {
    Range range = visible->rows[seeing.end - 1];
    if (range.first < end && range.end > first) {
      break;
    }
    seeing.end--;
  }
  return seeing;
}

// Lanes that stand for keys outside the range become zero; lane 0 stands for key `key`.
INLINE vec keep_range(vec v, int key, Range range) {
  ivec keys = LANE_INDEX + (ivec)(key);
  return (keys >= (ivec)(range.first)) & (keys < (ivec)(range.end)) ? v : (vec)(0.0f);
}

// Scaled scores with their positional terms.
INLINE void add_bias(
    local_floats scores, Range range, float scale, const_global_floats bias) {
  for (int j = round_down(range.first, LANES); j < range.end; j += LANES) {
    if (j < range.first || j + LANES > range.end) {
      for (int i = max(j, range.first); i < min(j + LANES, range.end); i++) {
        scores[i] = fma(scores[i], scale, bias[i]);
      }
    } else {
      STORE(fma(LOAD(scores + j), (vec)(scale), LOAD(bias + j)), scores + j);
    }
  }
}

// Raw scores of a block of rows with the packed keys, where a row of the group sees them.
INLINE void multiply_visible(
    const Visible* visible, int rows, const_global_floats left, int left_stride,
    const_local_floats panels, local_floats product, int keys, int head_size) {
  for (int j = round_down(visible->all.first, PANEL); j < visible->all.end; j += PANEL) {
    int strip;
    for (int i = 0; i < rows; i += strip) {
      strip = strip_rows(rows - i);
      Range group = visible->groups[i / GROUP_ROWS];
      if (group.first < j + PANEL && group.end > j) {
        multiply_into_local(
            strip, left + (size_t)i * left_stride, left_stride, 1, panels + j * panel_rows(head_size), PANEL,
            product + i * keys + j, keys, head_size, 0, 0, 0, PANEL);
      }
    }
  }
}
