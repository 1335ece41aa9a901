// What every form of attention shares: its arguments, and which keys a query sees.
//
// Query i of a sequence stands at position p = i + keys - queries, so that the last query is aligned
// with the last key, or from a given position on, in a cache. It sees one interval of keys, the
// intersection of
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

// Causality and window let query i see the keys from i + first_offset up to i + end_offset. Queries
// from `live` on are padding; nothing is computed for them.
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
  int causal;
  int window;
  int shift;
  int live;
  int first_offset;
  int end_offset;
  int q_stride;
  int k_stride;
  int v_stride;
  int out_stride;
} AttentionCall;

// Lets query i stand at position i + shift.
INLINE void place_queries(AttentionCall* call, int shift) {
  call->shift = shift;
  call->first_offset = call->window ? shift - call->window + 1 : -NO_BOUND;
  call->end_offset = call->causal ? shift + 1 : call->window ? shift + call->window : NO_BOUND;
}

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
  call.causal = INT(30);
  call.window = INT(31);
  call.live = call.queries;
  place_queries(&call, call.keys - call.queries);
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
  return call->bias + (size_t)head * (call->queries + call->keys - 1) + call->keys - 1 -
         call->shift - query;
}

// The sequence of the keys of a batch row. In a cache it is sequences[batch], and the queries are
// those from position starts[batch] up to ends[batch]; a row that does not fit computes nothing.
//
//   arguments: 36 sequences or absent, 38 starts, 40 ends, 42 sequences that the cache holds
INLINE int key_sequence(const Command* command, AttentionCall* call, int batch) {
  if (!SPAN(36)) {
    return batch;
  }
  float sequence = SPAN(36)[batch];
  float start = SPAN(38)[batch];
  float end = SPAN(40)[batch];
  int fits = sequence >= 0.0f && sequence < (float)INT(42) && start >= 0.0f && start <= end &&
             end <= (float)call->keys && end - start <= (float)call->queries;
  place_queries(call, fits ? (int)start : 0);
  call->live = fits ? (int)(end - start) : 0;
  return fits ? (int)sequence : 0;
}

// The cached keys that the newest position sees; here queries = 1 and keys is the cache's length.
INLINE Range cached_keys(const AttentionCall* call, int batch, int position) {
  Range range = {0, position + 1};
  if (call->window) {
    range.first = max(0, position - call->window + 1);
  }
  if (call->first_keys) {
    range.first = max(range.first, (int)call->first_keys[batch]);
  }
  return range;
}
