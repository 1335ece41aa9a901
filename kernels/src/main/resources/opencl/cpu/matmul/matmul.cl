// Matrix products, row-major, any sizes:
//
//   NN  C[m,n] = A[m,k] B[k,n]      NT  C[m,n] = A[m,k] B[n,k]^T      TN  C[m,n] = A[k,m]^T B[k,n]
//   plus bias[n], plus a residual [m,n] or the old C; or activated, see epilogue.cl. A batch is many
//   such products, whose matrices lie batch strides apart.
//
//                MATMUL_COLUMNS
//             +-----------------+----
//             | tile 0          |            a tile is tile_rows × MATMUL_COLUMNS of C, over all k
//             |  96 × PANEL     |
//             |  block, strips  |            per MATMUL_DEPTH of k: pack B's columns into local
//             |  of 6 rows      |            panels once, then run down the rows of A
//   tile_rows +-----------------+----
//             | tile 1          |
//
// Strips that span a pair of panels pack it while the first of them multiplies; where B is transposed or
// stored in bf16, and for columns without such a strip, it is packed before.
//
// A is read in place by broadcast. Only for TN, where neighbouring elements of a row of A^T lie a
// stride apart and would fall on few cache sets, each block of A is copied into local memory first;
// tiles are twice as wide then, so that a copy serves more columns.
//
// Tiles run down the rows first, so neighbours share their columns of B in the outer cache.

// The depths decide in which order a sum is added, so they are the same on every device.

// Where strips span pairs of panels, a tile has whole pairs.
#define MATMUL_PAIRS (LANES == 16)
#define MATMUL_COLUMNS ((MATMUL_PAIRS ? (MATMUL_TILE_PANELS + 1) / 2 * 2 : MATMUL_TILE_PANELS) * PANEL)
#define MATMUL_DEPTH 384
#define MATMUL_TN_DEPTH 192
#define MATMUL_TN_COLUMNS (2 * MATMUL_COLUMNS)
#define MATMUL_TN_ROWS 48

#if MATMUL_COLUMNS * MATMUL_DEPTH > LOCAL_FLOATS || \
    (MATMUL_TN_COLUMNS + MATMUL_TN_ROWS) * MATMUL_TN_DEPTH > LOCAL_FLOATS
#error "a tile of a matrix product does not fit into local memory"
#endif

// Copies rows of a block of A^T, MATMUL_TN_ROWS apart in local memory.
INLINE void copy_rows(
    const_global_floats source, int stride, local_floats copy, int columns, int rows) {
  for (int row = 0; row < rows; row++) {
    for (int column = 0; column < columns; column += LANES) {
      STORE(LOAD(source + column), copy + column);
    }
    source += stride;
    copy += MATMUL_TN_ROWS;
  }
}

// arguments: common/matmul/product.cl
INLINE void matmul(const Command* command, int tile, local_floats panels, const int layout) {
  size_t product = tile / INT(23);
  tile %= INT(23);
  const_global_floats a = SPAN(0) + product * INT(24);
  const bool halved = layout != LAYOUT_TN && INT(32);
  stored_numbers b = numbers_from(numbers_of(SPAN(2)), product * INT(25), halved);
  global_floats c = SPAN(4) + product * INT(26);
  const_global_floats bias = SPAN(6);
  bias = bias ? bias + product * INT(27) : bias;
  const_global_floats residual = SPAN(8);
  residual = residual ? residual + product * INT(28) : residual;
  int m = INT(10);
  int n = INT(11);
  int k = INT(12);
  int a_stride = INT(13);
  int b_stride = INT(14);
  int c_stride = INT(15);
  int residual_stride = INT(16);
  int accumulate = INT(17);
  bool activated = INT(18) != NOT_ACTIVATED;
  int tile_rows = INT(22);

  const int depth_block = layout == LAYOUT_TN ? MATMUL_TN_DEPTH : MATMUL_DEPTH;
  const int tile_columns = layout == LAYOUT_TN ? MATMUL_TN_COLUMNS : MATMUL_COLUMNS;
  const int block_rows = layout == LAYOUT_TN ? MATMUL_TN_ROWS : MATMUL_BLOCK_ROWS;
  int row_tiles = (m + tile_rows - 1) / tile_rows;
  int first_column = tile / row_tiles * tile_columns;
  int columns = min(tile_columns, n - first_column);
  int first_row = tile % row_tiles * tile_rows;
  int end_row = min(m, first_row + tile_rows);

  local_floats a_copy = panels + MATMUL_TN_COLUMNS * MATMUL_TN_DEPTH;
  for (int k0 = 0; k0 < k; k0 += depth_block) {
    int depth = min(depth_block, k - k0);
    int panel_floats = depth * PANEL;
    if (layout == LAYOUT_NT) {
      panel_floats = round_up(depth, 8) * PANEL;
      stored_numbers b_rows = numbers_from(b, (size_t)first_column * b_stride + k0, halved);
      if (halved) {
        pack_stored_panels_transposed(b_rows, b_stride, panels, columns, depth, true);
      } else {
        pack_stored_panels_transposed(b_rows, b_stride, panels, columns, depth, false);
      }
    }
    stored_numbers b_rows = numbers_from(b, (size_t)k0 * b_stride + first_column, halved);
    const_global_floats a_block = a + (layout == LAYOUT_TN ? (size_t)k0 * a_stride : (size_t)k0);
    for (int block = first_row; block < end_row; block += block_rows) {
      int block_end = min(end_row, block + block_rows);
      if (layout == LAYOUT_TN) {
        copy_rows(a_block + block, a_stride, a_copy, block_end - block, depth);
      }
      int width;
      for (int j = 0; j < columns; j += width) {
        // Whole pairs of panels where there is a strip for them.
        bool pair = MATMUL_PAIRS && columns - j >= 2 * PANEL;
        width = pair ? 2 * PANEL : PANEL;
        int column = first_column + j;
        local_floats panel = panels + j / PANEL * panel_floats;
        const_global_floats bias_columns = bias && k0 == 0 ? bias + column : (const_global_floats)0;
        const_global_floats addend =
            residual && !activated ? residual + column : (const_global_floats)0;
        int addend_stride = residual_stride;
        if (accumulate || k0 > 0) {
          addend = c + column;
          addend_stride = c_stride;
        }
        int rows = strip_rows(block_end - block);
        bool packing = layout != LAYOUT_NT && block == first_row;  // with the next strip
        stored_numbers b_columns = numbers_from(b_rows, j, halved);
        int live_columns = min(width, columns - j);
        if (packing && halved) {
          pack_stored_panels(b_columns, b_stride, panel, live_columns, depth, panel_floats, true);
          packing = false;
        } else if (packing && !(pair && rows == 6)) {
          pack_stored_panels(b_columns, b_stride, panel, live_columns, depth, panel_floats, false);
          packing = false;
        }
        for (int i = block; i < block_end; i += rows, packing = false) {
          rows = strip_rows(block_end - i);
          const_global_floats left = a_block + (size_t)i * a_stride;
          const_local_floats left_copy = a_copy + i - block;
          global_floats target = c + (size_t)i * c_stride + column;
          const_global_floats added = addend ? addend + (size_t)i * addend_stride : addend;
#if MATMUL_PAIRS
          if (pair && rows == 6) {
            if (packing && layout == LAYOUT_TN) {
              weigh_pair_and_pack(
                  left_copy, 1, MATMUL_TN_ROWS, (const_global_floats)b_columns, b_stride, panel,
                  panel_floats, target, c_stride, depth, added, addend_stride, bias_columns);
            } else if (packing) {
              multiply_pair_and_pack(
                  left, a_stride, 1, (const_global_floats)b_columns, b_stride, panel, panel_floats,
                  target, c_stride, depth, added, addend_stride, bias_columns);
            } else if (layout == LAYOUT_TN) {
              weigh_pair(
                  left_copy, 1, MATMUL_TN_ROWS, panel, panel_floats, target, c_stride, depth,
                  added, addend_stride, bias_columns);
            } else {
              multiply_pair(
                  left, a_stride, 1, panel, panel_floats, target, c_stride, depth, added,
                  addend_stride, bias_columns);
            }
          } else
#endif
          for (int p = 0; p < width; p += PANEL) {
            const_local_floats right = panel + p / PANEL * panel_floats;
            const_global_floats added_part = added ? added + p : added;
            const_global_floats bias_part = bias_columns ? bias_columns + p : bias_columns;
            int live = columns - j - p;
            if (layout == LAYOUT_TN) {
              weigh_into_global(
                  rows, left_copy, 1, MATMUL_TN_ROWS, right, PANEL, target + p, c_stride, depth,
                  added_part, addend_stride, bias_part, live);
            } else {
              multiply_into_global(
                  rows, left, a_stride, 1, right, PANEL, target + p, c_stride, depth, added_part,
                  addend_stride, bias_part, live);
            }
          }
          if (activated && k0 + depth == k) {
            activate_rows(
                command, i, i + rows, column, live_columns, c, residual,
                product * INT(29));
          }
        }
      }
    }
  }
}
