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
