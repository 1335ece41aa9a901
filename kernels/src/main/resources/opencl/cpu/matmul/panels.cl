// Packing into panels: PANEL columns wide, one row of a panel per index of the summed dimension.
//
//     source [depth, columns]                     local memory
//     +--------+--------+---+        panel 0: depth rows of PANEL floats
//     |        |        |   |   →    panel 1: depth rows of PANEL floats
//     |        |        |   |        …         (panel_floats apart)
//     +--------+--------+---+
//       PANEL    PANEL   tail
//
// The columns of the last panel behind the source's last column hold arbitrary values: they only
// reach columns of the product that are never stored.

// Rows of a few cache lines each, far apart: processors do not ask for them by themselves.
#define ROWS_AHEAD 8

// Panels of a matrix that is stored [depth, columns]. Row by row, so that a page is visited once.
INLINE void pack_stored_panels(
    stored_numbers source, int stride, local_floats panels, int columns, int depth,
    int panel_floats, const bool halved) {
  for (int k = 0; k < depth; k++) {
    stored_numbers from = numbers_from(source, (size_t)k * stride, halved);
    stored_numbers ahead = numbers_from(from, (size_t)ROWS_AHEAD * stride, halved);
    local_floats to = panels + k * PANEL;
    for (int column = 0; column < columns; column += PANEL) {
      PREFETCH_LINE(numbers_from(ahead, column, halved));
      PREFETCH_LINE(numbers_from(ahead, column + LANES, halved));
      STORE(load_numbers(numbers_from(from, column, halved), halved), to);
      STORE(load_numbers(numbers_from(from, column + LANES, halved), halved), to + LANES);
      to += panel_floats;
    }
  }
}

INLINE void pack_panels(
    const_global_floats source, int stride, local_floats panels, int columns, int depth,
    int panel_floats) {
  pack_stored_panels(
      numbers_of(source), stride, panels, columns, depth, panel_floats, false);
}

#define SHUFFLE __builtin_shufflevector

// Halves of rows that lie four apart: joined as they are loaded, which takes no shuffle.
#define HALVES_OF(row, other) ((float8)(vload4(0, (row)), vload4(0, (other))))

// The same of rows as they are stored, from their number k on.
INLINE float8 load_joined(stored_numbers row, stored_numbers other, int k, const bool halved) {
  row = numbers_from(row, k, halved);
  other = numbers_from(other, k, halved);
  if (halved) {
    return as_float8(convert_uint8((ushort8)(vload4(0, row), vload4(0, other))) << 16);
  }
  return HALVES_OF((const_global_floats)row, (const_global_floats)other);
}

// Transposes both halves of four rows: pairs, then quads.
#define TRANSPOSE_4X4(r0, r1, r2, r3)                        \
  {                                                          \
    float8 t0 = SHUFFLE(r0, r1, 0, 8, 1, 9, 4, 12, 5, 13);   \
    float8 t1 = SHUFFLE(r0, r1, 2, 10, 3, 11, 6, 14, 7, 15); \
    float8 t2 = SHUFFLE(r2, r3, 0, 8, 1, 9, 4, 12, 5, 13);   \
    float8 t3 = SHUFFLE(r2, r3, 2, 10, 3, 11, 6, 14, 7, 15); \
    r0 = SHUFFLE(t0, t2, 0, 1, 8, 9, 4, 5, 12, 13);          \
    r1 = SHUFFLE(t0, t2, 2, 3, 10, 11, 6, 7, 14, 15);        \
    r2 = SHUFFLE(t1, t3, 0, 1, 8, 9, 4, 5, 12, 13);          \
    r3 = SHUFFLE(t1, t3, 2, 3, 10, 11, 6, 7, 14, 15);        \
  }

// Panels of a matrix that is stored transposed, [columns, depth]. A panel has depth rounded up to
// eight rows; the extra ones hold arbitrary values. Source rows behind the last one are replaced by
// the last one, so nothing outside the matrix's rows is read.
INLINE void pack_stored_panels_transposed(
    stored_numbers source, int stride, local_floats panels, int columns, int depth,
    const bool halved) {
  int panel_floats = round_up(depth, 8) * PANEL;
  for (int column = 0; column < columns; column += 8) {
    local_floats to = panels + column / PANEL * panel_floats + column % PANEL;
    int last = columns - 1;
    stored_numbers s0 = numbers_from(source, (size_t)column * stride, halved);
    stored_numbers s1 = numbers_from(source, (size_t)min(column + 1, last) * stride, halved);
    stored_numbers s2 = numbers_from(source, (size_t)min(column + 2, last) * stride, halved);
    stored_numbers s3 = numbers_from(source, (size_t)min(column + 3, last) * stride, halved);
    stored_numbers s4 = numbers_from(source, (size_t)min(column + 4, last) * stride, halved);
    stored_numbers s5 = numbers_from(source, (size_t)min(column + 5, last) * stride, halved);
    stored_numbers s6 = numbers_from(source, (size_t)min(column + 6, last) * stride, halved);
    stored_numbers s7 = numbers_from(source, (size_t)min(column + 7, last) * stride, halved);
    for (int k = 0; k < depth; k += 8) {
      float8 r0 = load_joined(s0, s4, k, halved), r1 = load_joined(s1, s5, k, halved);
      float8 r2 = load_joined(s2, s6, k, halved), r3 = load_joined(s3, s7, k, halved);
      float8 r4 = load_joined(s0, s4, k + 4, halved), r5 = load_joined(s1, s5, k + 4, halved);
      float8 r6 = load_joined(s2, s6, k + 4, halved), r7 = load_joined(s3, s7, k + 4, halved);
      TRANSPOSE_4X4(r0, r1, r2, r3)
      TRANSPOSE_4X4(r4, r5, r6, r7)
      vstore8(r0, 0, to);
      vstore8(r1, 0, to + PANEL);
      vstore8(r2, 0, to + 2 * PANEL);
      vstore8(r3, 0, to + 3 * PANEL);
      vstore8(r4, 0, to + 4 * PANEL);
      vstore8(r5, 0, to + 5 * PANEL);
      vstore8(r6, 0, to + 6 * PANEL);
      vstore8(r7, 0, to + 7 * PANEL);
      to += 8 * PANEL;
    }
  }
}

INLINE void pack_panels_transposed(
    const_global_floats source, int stride, local_floats panels, int columns, int depth) {
  pack_stored_panels_transposed(numbers_of(source), stride, panels, columns, depth, false);
}
