// Token and learned-position embedding. R = rows (batch * time), C = width.
// Ids are whole numbers stored as floats. A row with an id outside the table becomes NaN, which the
// loss then shows, and adds nothing to a gradient.

INLINE int valid_id(float id, int count) { return id >= 0.0f && id < (float)count; }

// out[r] = tokens[ids[r]] + positions[(start + r) mod period], period 0: no modulo
//
//   arguments: 0 ids, 2 tokens, 4 positions or absent, 6 out, 8 start or absent,
//              10 rows, 11 width, 12 period, 13 token count, 14 position count
//   tile: EMBEDDING_ROWS rows
INLINE void embedding_forward(const Command* command, int tile) {
  const_global_floats ids = SPAN(0);
  const_global_floats tokens = SPAN(2);
  const_global_floats positions = SPAN(4);
  const_global_floats start = SPAN(8);
  int rows = INT(10);
  int width = INT(11);
  int period = INT(12);
  int token_count = INT(13);
  int position_count = INT(14);
  int row_end = min(rows, (tile + 1) * EMBEDDING_ROWS);
  for (int row = tile * EMBEDDING_ROWS; row < row_end; row++) {
    global_floats out = SPAN(6) + (size_t)row * width;
    float position = period > 0 ? (float)(row % period) : (start ? start[0] + row : (float)row);
    int valid = valid_id(ids[row], token_count);
    if (positions) {
      valid = valid && valid_id(position, position_count);
    }
    if (!valid) {
      for (int i = 0; i < width; i++) {
        out[i] = NAN;
      }
      continue;
    }
    const_global_floats token = tokens + (size_t)(int)ids[row] * width;
    const_global_floats place = positions ? positions + (size_t)(int)position * width : positions;
    for (int i = 0; i < width; i += LANES) {
      vec value = LOAD(token + i);
      if (place) {
        value += LOAD(place + i);
      }
      STORE_WITHIN(value, out + i, width - i);
    }
  }
}

// dtokens[ids[r]] += dx[r]
//
//       dx [R, C]
//       +------+------+--
//       |tile 0|tile 1|     PANEL columns, rows in order: two rows with one id never meet in
//       |  |   |  |   |     different tiles, so no atomics and a fixed order of summation
//       |  v   |  v   |
//
//   arguments: 0 ids, 2 dx, 4 dtokens, 6 rows, 7 width, 8 token count
INLINE void embedding_backward_tokens(const Command* command, int tile) {
  int column = tile * PANEL;
  const_global_floats ids = SPAN(0);
  const_global_floats dx = SPAN(2) + column;
  global_floats dtokens = SPAN(4) + column;
  int rows = INT(6);
  int width = INT(7);
  int token_count = INT(8);
  int live = width - column;
  for (int row = 0; row < rows; row++) {
    if (valid_id(ids[row], token_count)) {
      const_global_floats source = dx + (size_t)row * width;
      global_floats target = dtokens + (size_t)(int)ids[row] * width;
      STORE_WITHIN(LOAD(target) + LOAD(source), target, live);
      if (live > LANES) {
        STORE_WITHIN(LOAD(target + LANES) + LOAD(source + LANES), target + LANES, live - LANES);
      }
    }
  }
}

// dpositions[p] (+)= sum over r with r mod period = p of dx[r]; positions from period on become
// zero unless accumulated.
//
//   arguments: 0 dx, 2 dpositions, 4 rows, 5 width, 6 period, 7 position count, 8 accumulate
//   tile: one position
INLINE void embedding_backward_positions(const Command* command, int tile) {
  const_global_floats dx = SPAN(0);
  int rows = INT(4);
  int width = INT(5);
  int period = INT(6);
  int accumulate = INT(8);
  global_floats target = SPAN(2) + (size_t)tile * width;
  for (int i = 0; i < width; i += LANES) {
    vec sum = (vec)(0.0f);
    if (accumulate) {
      sum = LOAD(target + i);
    }
    if (tile < period) {
      for (int row = tile; row < rows; row += period) {
        sum += LOAD(dx + (size_t)row * width + i);
      }
    }
    STORE_WITHIN(sum, target + i, width - i);
  }
}
