// A tile of a matrix product, MATMUL_SIDE rows and columns of C: this file is compiled once per side,
// so that the loops over registers have constant bounds from the start.
//
//         64      64
//      +-------+-------+        per slab of MATMUL_SLAB k, in local memory: A [k][row], B [k][column]
//   64 | 4 × 4 | 4 × 4 |
//      +-------+-------+        item (y, x) of 16 × 16 holds 4 × 4 sums of each quarter
//   64 | 4 × 4 | 4 × 4 |
//      +-------+-------+        side 64: a tile is one quarter
//
// A slab is as deep as lets every item carry a quad of each operand. While one is multiplied the next
// is on its way into registers, and then goes into the other of two buffers. Neighbouring items load
// neighbouring quads of a slab's row. An element is one sum in the order of k, whatever the side: the
// choice does not show in the bits.

#undef MATMUL_SLAB
#define MATMUL_SLAB (MATMUL_QUAD * GROUP_ITEMS / MATMUL_SIDE)

// Floats between the rows of a slab: whole quads, and not on the same banks.
#undef MATMUL_SLAB_ROW
#define MATMUL_SLAB_ROW (MATMUL_SIDE + MATMUL_QUAD)

// Quarters along a side, and the sums of an item along it.
#undef MATMUL_QUARTERS
#define MATMUL_QUARTERS (MATMUL_SIDE / MATMUL_QUARTER)
#undef MATMUL_SUMS
#define MATMUL_SUMS (MATMUL_QUARTERS * MATMUL_QUAD)

#undef SIDED
#define SIDED(name) JOIN(name, MATMUL_SIDE)

// Which quad of a slab an item carries: the first of its lines and k.
INLINE int SIDED(quad_line_)(const bool along_k) {
  return along_k ? ITEM / (MATMUL_SLAB / MATMUL_QUAD)
                 : ITEM % (MATMUL_SIDE / MATMUL_QUAD) * MATMUL_QUAD;
}

INLINE int SIDED(quad_k_)(const bool along_k) {
  return along_k ? ITEM % (MATMUL_SLAB / MATMUL_QUAD) * MATMUL_QUAD
                 : ITEM / (MATMUL_SIDE / MATMUL_QUAD);
}

// `depth` is how many k are left from the slab's first on.
INLINE float4 SIDED(fetch_)(
    Lines matrix, stored_numbers slab_data, int depth, const bool along_k) {
  int line = SIDED(quad_line_)(along_k);
  int k = SIDED(quad_k_)(along_k);
  int other = along_k ? matrix.lines - line : depth - k;
  int count = along_k ? depth - k : matrix.lines - line;
  int first = along_k ? line * matrix.stride + k : k * matrix.stride + line;
  return fetch_quad(
      numbers_from(slab_data, first, matrix.halved), other > 0 ? count : 0, matrix.aligned,
      matrix.halved);
}

INLINE void SIDED(put_)(float4 quad, local_floats slab, int rounding, const bool along_k) {
  local_floats to =
      slab + SIDED(quad_k_)(along_k) * MATMUL_SLAB_ROW + SIDED(quad_line_)(along_k);
  float4 operand = round_quad(quad, rounding);
  if (along_k) {
    to[0] = operand.x;
    to[MATMUL_SLAB_ROW] = operand.y;
    to[2 * MATMUL_SLAB_ROW] = operand.z;
    to[3 * MATMUL_SLAB_ROW] = operand.w;
  } else {
    *(__local float4*)to = operand;
  }
}

// The lines of a slab's row whose sums an item holds, `item` being its x or y.
INLINE void SIDED(load_lines_)(float* lines, const_local_floats slab_row, int item) {
  const __local float4* quads = (const __local float4*)slab_row;
#pragma unroll
  for (int quarter = 0; quarter < MATMUL_QUARTERS; quarter++) {
    float4 quad = quads[quarter * (MATMUL_QUARTER / MATMUL_QUAD) + item];
    lines[4 * quarter] = quad.x;
    lines[4 * quarter + 1] = quad.y;
    lines[4 * quarter + 2] = quad.z;
    lines[4 * quarter + 3] = quad.w;
  }
}

INLINE void SIDED(multiply_slab_)(
    float sums[MATMUL_SUMS][MATMUL_SUMS], const_local_floats a_slab, const_local_floats b_slab,
    int x, int y) {
#pragma unroll MATMUL_STEPS
  for (int i = 0; i < MATMUL_SLAB; i++) {
    float rows[MATMUL_SUMS];
    float columns[MATMUL_SUMS];
    SIDED(load_lines_)(rows, a_slab + i * MATMUL_SLAB_ROW, y);
    SIDED(load_lines_)(columns, b_slab + i * MATMUL_SLAB_ROW, x);
#pragma unroll
    for (int r = 0; r < MATMUL_SUMS; r++) {
#pragma unroll
      for (int c = 0; c < MATMUL_SUMS; c++) {
        sums[r][c] = fma(rows[r], columns[c], sums[r][c]);
      }
    }
  }
}

// Stores the sums of a tile, one row of every item at a time, by way of local memory: neighbouring
// items then store neighbours in memory, and no item holds what the epilogue needs for all its sums.
INLINE void SIDED(store_tile_)(
    const Target* target, int first_row, int rows, int first_column, int columns,
    float sums[MATMUL_SUMS][MATMUL_SUMS], int x, int y, local_floats piece) {
#pragma unroll 1
  for (int pass = 0; pass < MATMUL_SUMS; pass++) {
    LOCAL_BARRIER;
#pragma unroll
    for (int r = 0; r < MATMUL_SUMS; r++) {
      if (r == pass) {
#pragma unroll
        for (int c = 0; c < MATMUL_SUMS; c++) {
          int column = c / MATMUL_QUAD * MATMUL_QUARTER + x * MATMUL_QUAD + c % MATMUL_QUAD;
          piece[y * MATMUL_SIDE + column] = sums[r][c];
        }
      }
    }
    LOCAL_BARRIER;
    int pass_row = pass / MATMUL_QUAD * MATMUL_QUARTER + pass % MATMUL_QUAD;
#pragma unroll 1
    for (int i = ITEM; i < MATMUL_ITEM_ROW * MATMUL_SIDE; i += GROUP_ITEMS) {
      int row = pass_row + i / MATMUL_SIDE * MATMUL_QUAD;
      int column = i % MATMUL_SIDE;
      if (row < rows && column < columns) {
        store_sum(target, first_row + row, first_column + column, piece[i]);
      }
    }
  }
  LOCAL_BARRIER;
}

// slabs has room for two slabs of each operand.
INLINE void SIDED(multiply_tile_)(
    const Target* target, int first_row, int first_column, Lines a, Lines b, int k, int rounding,
    const int layout, local_floats slabs) {
  const bool a_along_k = layout != LAYOUT_TN;
  const bool b_along_k = layout == LAYOUT_NT;
  int x = ITEM % MATMUL_ITEM_ROW;
  int y = ITEM / MATMUL_ITEM_ROW;
  float sums[MATMUL_SUMS][MATMUL_SUMS];
#pragma unroll
  for (int r = 0; r < MATMUL_SUMS; r++) {
#pragma unroll
    for (int c = 0; c < MATMUL_SUMS; c++) {
      sums[r][c] = 0.0f;
    }
  }
  size_t a_step = MATMUL_SLAB * (size_t)(a_along_k ? 1 : a.stride);
  size_t b_step = MATMUL_SLAB * (size_t)(b_along_k ? 1 : b.stride);
  stored_numbers a_data = a.data;
  stored_numbers b_data = b.data;
  int used = 0;
  float4 a_quad = SIDED(fetch_)(a, a_data, k, a_along_k);
  float4 b_quad = SIDED(fetch_)(b, b_data, k, b_along_k);
  for (int depth = k; depth > 0; depth -= MATMUL_SLAB) {
    local_floats a_slab = slabs + used;
    local_floats b_slab = a_slab + MATMUL_SLAB * MATMUL_SLAB_ROW;
    SIDED(put_)(a_quad, a_slab, rounding, a_along_k);
    SIDED(put_)(b_quad, b_slab, rounding, b_along_k);
    LOCAL_BARRIER;
    a_data = numbers_from(a_data, a_step, a.halved);
    b_data = numbers_from(b_data, b_step, b.halved);
    a_quad = SIDED(fetch_)(a, a_data, depth - MATMUL_SLAB, a_along_k);
    b_quad = SIDED(fetch_)(b, b_data, depth - MATMUL_SLAB, b_along_k);
    SIDED(multiply_slab_)(sums, a_slab, b_slab, x, y);
    used = 2 * MATMUL_SLAB * MATMUL_SLAB_ROW - used;
  }
  SIDED(store_tile_)(
      target, first_row, a.lines, first_column, b.lines, sums, x, y, slabs);
}

INLINE void SIDED(multiply_tiles_)(
    const Command* command, const int layout, local_floats slabs) {
  int m = INT(10);
  int n = INT(11);
  int row_tiles = (m + MATMUL_SIDE - 1) / MATMUL_SIDE;
  int column_tiles = (n + MATMUL_SIDE - 1) / MATMUL_SIDE;
  long product_tiles = (long)row_tiles * column_tiles;
  const bool halved = layout != LAYOUT_TN && INT(32);
  FOR_PIECES(piece, product_tiles * INT(30)) {
    size_t product = piece / product_tiles;
    int tile = (int)(piece % product_tiles);
    int first_row = tile % row_tiles * MATMUL_SIDE;
    int first_column = tile / row_tiles * MATMUL_SIDE;
    Target target = product_target(command, product);
    Lines a = lines_from(
        numbers_of(SPAN(0) + product * INT(24)), INT(13), false, first_row, m,
        layout != LAYOUT_TN);
    Lines b = lines_from(
        numbers_from(numbers_of(SPAN(2)), product * INT(25), halved), INT(14), halved,
        first_column, n, layout == LAYOUT_NT);
    SIDED(multiply_tile_)(
        &target, first_row, first_column, a, b, INT(12), INT(31), layout, slabs);
  }
}
