// Rows of a cache of keys or values, [sequences, max time, width].
//
//   append   cache[sequences[b], starts[b] + i] = x[b, i]    for starts[b] + i < ends[b]
//   copy     cache[b, i] = cache[sources[b], i]              for i < lengths[b]; sources[b] = b: none
//
// What does not fit is left out. No sequence is the source of one copy and the target of another.

#define CACHE_COPY_ROWS 16

INLINE void copy_floats(const_global_floats from, global_floats to, int count) {
  FOR_VECTORS(i, 0, count) { STORE_WITHIN(LOAD(from + i), to + i, count - i); }
}

// arguments: 0 x, 2 cache, 4 sequences, 6 starts, 8 ends, 10 queries, 11 max time, 12 width,
//            13 stride of x, 14 sequences that the cache holds
// tile: one row of x
INLINE void cache_append(const Command* command, int tile) {
  int queries = INT(10);
  int max_time = INT(11);
  int width = INT(12);
  int batch = tile / queries;
  float sequence = SPAN(4)[batch];
  float position = SPAN(6)[batch] + tile % queries;
  if (position < SPAN(8)[batch] && valid_id(position, max_time) &&
      valid_id(sequence, INT(14))) {
    copy_floats(
        SPAN(0) + (size_t)tile * INT(13),
        SPAN(2) + ((size_t)(int)sequence * max_time + (int)position) * width, width);
  }
}

// arguments: 0 cache, 2 sources, 4 lengths, 6 sequences, 7 max time, 8 width
// tile: CACHE_COPY_ROWS rows of one sequence
INLINE void cache_copy(const Command* command, int tile) {
  int sequences = INT(6);
  int max_time = INT(7);
  int width = INT(8);
  int target = tile % sequences;
  int first = tile / sequences * CACHE_COPY_ROWS;
  float source = SPAN(2)[target];
  float length = min(SPAN(4)[target], (float)max_time);
  int rows = (int)min(length - first, (float)CACHE_COPY_ROWS);
  if (source != (float)target && valid_id(source, sequences) && rows > 0) {
    global_floats cache = SPAN(0) + (size_t)first * width;
    size_t stride = (size_t)max_time * width;
    copy_floats(cache + (int)source * stride, cache + target * stride, rows * width);
  }
}
