// GPU forms of the matrix products. Formulas: cpu/matmul/matmul.cl.
//
//      a tile of C, `side` rows and columns         per MATMUL_SLAB of k, in local memory:
//         64      64
//      +-------+-------+                            A slab [k][row], B slab [k][column]
//   64 | 4 × 4 | 4 × 4 |    item (y, x) of 16 × 16
//      +-------+-------+    holds 4 × 4 sums of     The next slab is on its way into registers
//   64 | 4 × 4 | 4 × 4 |    each quarter            while one is multiplied.
//      +-------+-------+
//
// Four neighbours of a slab's row are one load, and neighbouring items load neighbouring ones. The
// side is 128 where that leaves tiles enough to fill the device, else 64, and a tile is one quarter.
// Either way an element is one sum in the order of k: the choice does not show in the bits.
//
// The functions below are inlined with a constant side and layout.

#define MATMUL_SLAB 16
#define MATMUL_QUARTER 64
#define MATMUL_SIDE (2 * MATMUL_QUARTER)
#define MATMUL_ITEM_ROW 16

// Floats between the rows of a slab: whole vectors, and not on the same banks.
#define MATMUL_SLAB_ROW (MATMUL_SIDE + 4)

// Elements of a slab that each item moves, and its sums along one side of the largest tile.
#define MATMUL_SHARE(side) ((side) * MATMUL_SLAB / GROUP_ITEMS)
#define MATMUL_SUMS (MATMUL_SIDE / MATMUL_ITEM_ROW)

// Groups for each compute unit are eight, of which it runs two at a time or so.
#define MATMUL_ENOUGH_TILES (GROUPS / 4)

// A matrix as the slabs see it: lines are the rows of A or the columns of B.
typedef struct {
  const_global_floats data;
  int stride;
  int lines;
} Lines;

// Where element j of an item's share lies in the slab. Neighbouring items take neighbours in memory.
INLINE int share_line(int j, const int side, const bool along_k) {
  int element = ITEM + j * GROUP_ITEMS;
  return along_k ? element / MATMUL_SLAB : element % side;
}

INLINE int share_k(int j, const int side, const bool along_k) {
  int element = ITEM + j * GROUP_ITEMS;
  return along_k ? element % MATMUL_SLAB : element / side;
}

// Zeros stand in for what lies behind the last line and the last k; they change no sum.
INLINE void fetch_share(
    float* share, Lines matrix, int k0, int k_end, const int side, const bool along_k) {
#pragma unroll
  for (int j = 0; j < MATMUL_SHARE(side); j++) {
    int line = share_line(j, side, along_k);
    int k = k0 + share_k(j, side, along_k);
    size_t at = along_k ? (size_t)line * matrix.stride + k : (size_t)k * matrix.stride + line;
    share[j] = line < matrix.lines && k < k_end ? matrix.data[at] : 0.0f;
  }
}

// As the CPU forms do: to nearest, what is below the normal numbers to zero.
INLINE float round_to_bf16(float x) {
  uint bits = to_bf16(x) << 16;
  return as_float((bits & 0x7f800000) == 0 ? bits & 0x80000000 : bits);
}

INLINE void put_share(
    const float* share, local_floats slab, const int side, const bool along_k, bool rounded) {
#pragma unroll
  for (int j = 0; j < MATMUL_SHARE(side); j++) {
    slab[share_k(j, side, along_k) * MATMUL_SLAB_ROW + share_line(j, side, along_k)] =
        rounded ? round_to_bf16(share[j]) : share[j];
  }
}

// The lines of a slab's row whose sums an item holds, `item` being its x or y.
INLINE void load_lines(float* lines, const_local_floats slab_row, int item, const int side) {
  const __local float4* vectors = (const __local float4*)slab_row;
#pragma unroll
  for (int quarter = 0; quarter < side / MATMUL_QUARTER; quarter++) {
    float4 four = vectors[quarter * (MATMUL_QUARTER / 4) + item];
    lines[4 * quarter] = four.x;
    lines[4 * quarter + 1] = four.y;
    lines[4 * quarter + 2] = four.z;
    lines[4 * quarter + 3] = four.w;
  }
}

// The line of the tile that sum i of an item belongs to.
INLINE int sum_line(int i, int item) { return i / 4 * MATMUL_QUARTER + item * 4 + i % 4; }

INLINE void multiply_tile(
    Target target, Lines a, Lines b, int k, bool rounded, const int layout, const int side,
    int first_row, int first_column, local_floats a_slab, local_floats b_slab) {
  const bool a_along_k = layout != LAYOUT_TN;
  const bool b_along_k = layout == LAYOUT_NT;
  const int sums_per_side = side / MATMUL_ITEM_ROW;
  int x = ITEM % MATMUL_ITEM_ROW;
  int y = ITEM / MATMUL_ITEM_ROW;
  float sums[MATMUL_SUMS][MATMUL_SUMS];
#pragma unroll
  for (int i = 0; i < sums_per_side; i++) {
#pragma unroll
    for (int j = 0; j < sums_per_side; j++) {
      sums[i][j] = 0.0f;
    }
  }
  float a_share[MATMUL_SHARE(MATMUL_SIDE)];
  float b_share[MATMUL_SHARE(MATMUL_SIDE)];
  fetch_share(a_share, a, 0, k, side, a_along_k);
  fetch_share(b_share, b, 0, k, side, b_along_k);
  for (int k0 = 0; k0 < k; k0 += MATMUL_SLAB) {
    put_share(a_share, a_slab, side, a_along_k, rounded);
    put_share(b_share, b_slab, side, b_along_k, rounded);
    LOCAL_BARRIER;
    fetch_share(a_share, a, k0 + MATMUL_SLAB, k, side, a_along_k);
    fetch_share(b_share, b, k0 + MATMUL_SLAB, k, side, b_along_k);
    for (int i = 0; i < MATMUL_SLAB; i++) {
      float rows[MATMUL_SUMS];
      float columns[MATMUL_SUMS];
      load_lines(rows, a_slab + i * MATMUL_SLAB_ROW, y, side);
      load_lines(columns, b_slab + i * MATMUL_SLAB_ROW, x, side);
#pragma unroll
      for (int r = 0; r < sums_per_side; r++) {
#pragma unroll
        for (int c = 0; c < sums_per_side; c++) {
          sums[r][c] = fma(rows[r], columns[c], sums[r][c]);
        }
      }
    }
    LOCAL_BARRIER;
  }
#pragma unroll
  for (int r = 0; r < sums_per_side; r++) {
    int row = sum_line(r, y);
#pragma unroll
    for (int c = 0; c < sums_per_side; c++) {
      int column = sum_line(c, x);
      if (row < a.lines && column < b.lines) {
        store_sum(target, first_row + row, first_column + column, sums[r][c]);
      }
    }
  }
}

// A matrix from one of its lines on.
INLINE Lines lines_from(
    const_global_floats data, int stride, int first, int lines, const bool along_k) {
  Lines matrix = {data + (along_k ? (size_t)first * stride : (size_t)first), stride, lines - first};
  return matrix;
}

INLINE void multiply_tiles(
    const Command* command, const int layout, const int side, local_floats a_slab,
    local_floats b_slab) {
  int m = INT(10);
  int n = INT(11);
  int row_tiles = (m + side - 1) / side;
  int column_tiles = (n + side - 1) / side;
  long product_tiles = (long)row_tiles * column_tiles;
  FOR_PIECES(piece, product_tiles * INT(30)) {
    size_t product = piece / product_tiles;
    int tile = (int)(piece % product_tiles);
    int first_row = tile % row_tiles * side;
    int first_column = tile / row_tiles * side;
    size_t residual_offset = product * INT(28);
    Target target =
        product_target(command, product * INT(26), product * INT(27), residual_offset);
    Lines a = lines_from(
        SPAN(0) + product * INT(24), INT(13), first_row, m, layout != LAYOUT_TN);
    Lines b = lines_from(
        SPAN(2) + product * INT(25), INT(14), first_column, n, layout == LAYOUT_NT);
    multiply_tile(
        target, a, b, INT(12), INT(31), layout, side, first_row, first_column, a_slab, b_slab);
    activate_piece(
        command, target, residual_offset, product * INT(29), first_row, min(side, a.lines),
        first_column, min(side, b.lines));
  }
}

INLINE long large_tiles(const Command* command) {
  long row_tiles = (INT(10) + MATMUL_SIDE - 1) / MATMUL_SIDE;
  long column_tiles = (INT(11) + MATMUL_SIDE - 1) / MATMUL_SIDE;
  return row_tiles * column_tiles * INT(30);
}

#define MATMUL_KERNEL(name, layout)                                                    \
  KERNEL(name) {                                                                       \
    __local float a_slab[MATMUL_SLAB * MATMUL_SLAB_ROW] __attribute__((aligned(16)));  \
    __local float b_slab[MATMUL_SLAB * MATMUL_SLAB_ROW] __attribute__((aligned(16)));  \
    BEGIN_KERNEL;                                                                      \
    if (large_tiles(command) >= MATMUL_ENOUGH_TILES) {                                 \
      multiply_tiles(command, layout, MATMUL_SIDE, a_slab, b_slab);                    \
    } else {                                                                           \
      multiply_tiles(command, layout, MATMUL_QUARTER, a_slab, b_slab);                 \
    }                                                                                  \
  }

MATMUL_KERNEL(matmul_nn, LAYOUT_NN)
MATMUL_KERNEL(matmul_nt, LAYOUT_NT)
MATMUL_KERNEL(matmul_tn, LAYOUT_TN)
