// States of sequences [sequences, H] that last from pass to pass. Row b of a pass is B of them, with T
// tokens from position starts[b] on, of which those before ends[b] are no padding.
//
//   load    x[b] = state[sequences[b]]                                     where starts[b] > 0, else 0
//   store   state[sequences[b]] = x[b T + ends[b] - starts[b] - 1]          where there is such a row
//
// A row with a negative start is idle. Without ends each row has one token; without sequences row b
// is that of sequence b.
//
//   tile: a row of the pass

// arguments: 0 state or absent for zeros, 2 starts or absent, 4 sequences or absent, 6 x,
//            8 stride of x, 9 units, 10 sequences that there are
INLINE void recurrent_load(const Command* command, int tile) {
  const_global_floats sequences = SPAN(4);
  int width = INT(9);
  global_floats x = SPAN(6) + (size_t)tile * INT(8);
  const_global_floats state = (const_global_floats)0;
  float sequence = sequences ? sequences[tile] : (float)tile;
  if (SPAN(0) && SPAN(2)[tile] > 0.0f && valid_id(sequence, INT(10))) {
    state = SPAN(0) + (size_t)(int)sequence * width;
  }
  FOR_VECTORS(i, 0, width) {
    STORE_WITHIN(load_or_zero(state, i), x + i, width - i);
  }
}

// arguments: 0 x, 2 starts, 4 ends or absent, 6 sequences or absent, 8 state, 10 tokens, 11 units,
//            12 sequences that there are
INLINE void recurrent_store(const Command* command, int tile) {
  const_global_floats ends = SPAN(4);
  const_global_floats sequences = SPAN(6);
  int time = INT(10);
  int width = INT(11);
  float start = SPAN(2)[tile];
  float last = ends ? ends[tile] - start - 1.0f : 0.0f;
  float sequence = sequences ? sequences[tile] : (float)tile;
  if (start >= 0.0f && valid_id(last, time) && valid_id(sequence, INT(12))) {
    copy_floats(
        SPAN(0) + ((size_t)tile * time + (int)last) * width,
        SPAN(8) + (size_t)(int)sequence * width, width);
  }
}
