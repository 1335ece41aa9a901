// Token and learned-position embedding. R = rows (batch * time), C = width.
// Ids are whole numbers stored as floats. A row with an id outside the table becomes NaN, which the
// loss then shows, and adds nothing to a gradient.

INLINE int valid_id(float id, int count) { return id >= 0.0f && id < (float)count; }

// One row. `later` is one of the table that is read soon.
INLINE void embed(
    stored_numbers token, stored_numbers later, const_global_floats place, global_floats out,
    int width, const bool halved) {
  FOR_VECTORS(i, 0, width) {
    PREFETCH_LINE(numbers_from(later, i, halved));
    PREFETCH_FOR_STORE(out + i);
    vec value = load_numbers(numbers_from(token, i, halved), halved);
    if (place) {
      value += LOAD(place + i);
    }
    STORE_WITHIN(value, out + i, width - i);
  }
}

// out[r] = tokens[ids[r]] + positions[starts[r / period] + r mod period]
//
//   arguments: 0 ids, 2 tokens, 4 positions or absent, 6 out, 8 starts or absent: 0,
//              10 rows, 11 width, 12 period, 13 token count, 14 position count,
//              15 whether the tokens are stored in bf16 (common/conversion/numbers.cl)
//   tile: EMBEDDING_ROWS rows
INLINE void embedding_forward(const Command* command, int tile) {
  const_global_floats ids = SPAN(0);
  stored_numbers tokens = numbers_of(SPAN(2));
  const_global_floats positions = SPAN(4);
  const_global_floats starts = SPAN(8);
  int rows = INT(10);
  int width = INT(11);
  int period = INT(12);
  int token_count = INT(13);
  int position_count = INT(14);
  bool halved = INT(15);
  int row_end = min(rows, (tile + 1) * EMBEDDING_ROWS);
  for (int row = tile * EMBEDDING_ROWS; row < row_end; row++) {
    global_floats out = SPAN(6) + (size_t)row * width;
    float position = (starts ? starts[row / period] : 0.0f) + row % period;
    int valid = valid_id(ids[row], token_count);
    if (positions) {
      valid = valid && valid_id(position, position_count);
    }
    if (!valid) {
      FOR_VECTORS(i, 0, width) { STORE_WITHIN((vec)(NAN), out + i, width - i); }
      continue;
    }
    stored_numbers token = numbers_from(tokens, (size_t)(int)ids[row] * width, halved);
    const_global_floats place = positions ? positions + (size_t)(int)position * width : positions;
    // The rows of the tokens to come lie anywhere in the table.
    float later_id = ids[min(row + 2, rows - 1)];
    stored_numbers later = valid_id(later_id, token_count)
                               ? numbers_from(tokens, (size_t)(int)later_id * width, halved)
                               : token;
    if (halved) {
      embed(token, later, place, out, width, true);
    } else {
      embed(token, later, place, out, width, false);
    }
  }
}

// The first row from a given one on whose id is in the table and of a class; rows if there is none.
INLINE int next_of_class(
    const_global_floats ids, int row, int rows, int token_count, int classes, int class_number) {
  while (row < rows && !(valid_id(ids[row], token_count) &&
                         ((int)ids[row] & (classes - 1)) == class_number)) {
    row++;
  }
  return row;
}

// dtokens[ids[r]] += dx[r]
//
//   tile: the rows whose id is tile modulo the number of classes, a power of two, in order. Two rows
//   with one id never meet in different tiles: no atomics, and one order of summation whatever the
//   number of classes.
//
//   arguments: 0 ids, 2 dx, 4 dtokens, 6 rows, 7 width, 8 token count, 9 classes
INLINE void embedding_backward_tokens(const Command* command, int tile) {
  const_global_floats ids = SPAN(0);
  const_global_floats dx = SPAN(2);
  global_floats dtokens = SPAN(4);
  int rows = INT(6);
  int width = INT(7);
  int token_count = INT(8);
  int classes = INT(9);
  int row = next_of_class(ids, 0, rows, token_count, classes, tile);
  while (row < rows) {
    int next = next_of_class(ids, row + 1, rows, token_count, classes, tile);
    int ahead = next < rows ? next : row;
    const_global_floats source = dx + (size_t)row * width;
    const_global_floats next_source = dx + (size_t)ahead * width;
    global_floats target = dtokens + (size_t)(int)ids[row] * width;
    const_global_floats next_target = dtokens + (size_t)(int)ids[ahead] * width;
    FOR_VECTORS(i, 0, width) {
      PREFETCH_LINE(next_source + i);
      PREFETCH_LINE(next_target + i);
      STORE_WITHIN(LOAD(target + i) + LOAD(source + i), target + i, width - i);
    }
    row = next;
  }
}

// dpositions[p] (+)= sum over r with r mod period = p of dx[r]; positions from period on become
// zero unless accumulated.
//
//   arguments: 0 dx, 2 dpositions, 4 rows, 5 width, 6 period, 7 position count, 8 accumulate
//   tile: one position
INLINE void embedding_backward_positions(const Command* command, int tile) {
  int rows = INT(4);
  int width = INT(5);
  int period = INT(6);
  global_floats target = SPAN(2) + (size_t)tile * width;
  if (!INT(8)) {
    clear_floats(target, width);
  }
  if (tile < min(period, rows)) {
    const_global_floats first = SPAN(0) + (size_t)tile * width;
    int count = (rows - tile + period - 1) / period;
    add_to_columns(first, target, count, width, (size_t)period * width);
  }
}
