// Matrix products of operands in bf16 with sums in fp32, to the same bits with and without a matrix
// unit. The order of a sum is that of the unit (AMX):
//
//   c = old C or 0;  per 32 k:  even = the chain of fma over k = 0, 2 … 30, from 0
//                               odd  = the chain of fma over k = 1, 3 … 31, from 0
//                               c = c + (even + odd)
//
// where operands and results below the normal numbers are zero. Then residual, bias and activation
// follow as in matmul.cl.
//
//   operands: packed, see bf16_pack.cl, so that every layout is one. Tiles that cover all rows pack
//             the columns of B that they multiply in local memory, a block of the depth at a time
//   a tile:   rows × columns of C; the depth is cut into blocks of BF16_DEPTH, whose part of A's strip
//             stays in the nearest cache; between blocks the sums wait in C
//
// B's part of a block stays in the second cache once the tile's first strip has read it. Pairs ask for it, for
// each next strip of A, and for what the tile packs next of B, while they multiply what is read before; to leave
// room for that in the nearest cache, they cut a depth above BF16_DEPTH into blocks of BF16_PAIRS_DEPTH.
//
// With tiles and with pairs, strips are of 32 rows and the packed operands are read in place. With
// vectors, strips are of 6 rows; the columns of B and each strip of A are widened to floats in local memory, even k first:
//
//   panel of B   [k / 32][even, odd][16][PANEL]        strip of A   [6][k / 32][even, odd][16]

#define BF16_DEPTH 384
#define BF16_PACKED 0
#define BF16_STORED_ALONG_K 1
#define BF16_STORED_ACROSS_K 2
#define BF16_PAIRS_DEPTH 256
#define BF16_CHAIN 16
#define BF16_STRIP_ROWS 6
#define BF16_VECTOR_COLUMNS 128

#if (BF16_VECTOR_COLUMNS + BF16_STRIP_ROWS) * BF16_DEPTH > LOCAL_FLOATS
#error "a strip of a product in bf16 does not fit into local memory"
#endif

// Of a tile that packs its columns of B: Bf16MatMul.PACKING_COLUMNS.
#define BF16_PACKING_COLUMNS 320

#if BF16_PACKING_COLUMNS * BF16_DEPTH / 2 > LOCAL_FLOATS
#error "columns of B do not fit into local memory"
#endif

INLINE uvec load_words(const __global uint* from) {
  return AS_UVEC(LOAD((const_global_floats)from));
}

#define EVEN_OF(words) AS_VEC((words) << 16)
#define ODD_OF(words) AS_VEC((words) & (uvec)(0xffff0000))

// Columns of B from a multiple of a panel on; `b` is the first block of the first line.
INLINE void widen_columns(
    const __global uint* b, int depth_blocks, int steps, int first_column, int columns,
    local_floats panels) {
  for (int j = 0; j < columns; j += PANEL) {
    int column = first_column + j;
    const __global uint* block =
        b + (size_t)(column / BF16_BLOCK) * depth_blocks * BF16_BLOCK_WORDS;
    local_floats panel = panels + (size_t)j * steps * BF16_BLOCK;
    for (int step = 0; step < steps; step++) {
      for (int v = 0; v < 2; v++) {
        int line = column % BF16_BLOCK + v * LANES;
        const __global uint* words =
            block + line / BF16_TILE_LINES * (BF16_BLOCK_WORDS / 2) + line % BF16_TILE_LINES;
        local_floats to = panel + v * LANES;
        for (int pair = 0; pair < BF16_CHAIN; pair++) {
          uvec two = load_words(words + pair * 16);
          STORE(EVEN_OF(two), to + pair * PANEL);
          STORE(ODD_OF(two), to + (BF16_CHAIN + pair) * PANEL);
        }
      }
      block += BF16_BLOCK_WORDS;
      panel += BF16_BLOCK * PANEL;
    }
  }
}

// Six rows of A; zeros behind the last packed one.
INLINE void widen_rows(
    const __global uint* a, int depth_blocks, int steps, int first_row, int packed_rows,
    local_floats strip) {
  for (int r = 0; r < BF16_STRIP_ROWS; r++) {
    int row = first_row + r;
    const __global uint* words =
        a + (size_t)(row / BF16_BLOCK) * depth_blocks * BF16_BLOCK_WORDS + row % BF16_BLOCK * 16;
    local_floats to = strip + r * BF16_DEPTH;
    for (int step = 0; step < steps; step++) {
      for (int i = 0; i < BF16_CHAIN; i += LANES) {
        uvec two = row < packed_rows ? load_words(words + i) : (uvec)(0);
        STORE(EVEN_OF(two), to + i);
        STORE(ODD_OF(two), to + BF16_CHAIN + i);
      }
      words += BF16_BLOCK_WORDS;
      to += BF16_BLOCK;
    }
  }
}

#define CHAIN_BEGIN(r) c##r##0 = (vec)(0.0f); c##r##1 = (vec)(0.0f);

#define CHAIN_MULTIPLY(r)                             \
  {                                                   \
    vec x = (vec)(a[(r) * BF16_DEPTH + k]);           \
    c##r##0 = FLUSHED(fma(x, b0, c##r##0));           \
    c##r##1 = FLUSHED(fma(x, b1, c##r##1));           \
  }

#define CHAIN_DECLARE(r) vec c##r##0, c##r##1, even##r##0, even##r##1;

#define CHAIN_KEEP(r)  \
  even##r##0 = c##r##0; \
  even##r##1 = c##r##1;

#define CHAIN_ADD(r)                                                              \
  sums[2 * (r)] = FLUSHED(sums[2 * (r)] + FLUSHED(even##r##0 + c##r##0));          \
  sums[2 * (r) + 1] = FLUSHED(sums[2 * (r) + 1] + FLUSHED(even##r##1 + c##r##1));

#define MULTIPLY_CHAINS                          \
  for (int k = 0; k < BF16_CHAIN; k++) {         \
    vec b0 = LOAD(b);                            \
    vec b1 = LOAD(b + LANES);                    \
    b += PANEL;                                  \
    ROWS_6(CHAIN_MULTIPLY)                       \
  }                                              \
  a += BF16_CHAIN;

// c[6, PANEL] (+)= A B, of which `rows` rows and `live` columns are stored.
INLINE void multiply_by_vectors(
    const_local_floats a, const_local_floats b, global_floats c, int row, int rows, int live,
    int steps, bool add) {
  vec sums[2 * BF16_STRIP_ROWS];
  for (int r = 0; r < BF16_STRIP_ROWS; r++) {
    bool read = add && r < rows;
    global_floats old = c + (size_t)r * row;
    sums[2 * r] = read ? FLUSHED(LOAD(old)) : (vec)(0.0f);
    sums[2 * r + 1] = read && live > LANES ? FLUSHED(LOAD(old + LANES)) : (vec)(0.0f);
  }
  for (int step = 0; step < steps; step++) {
    ROWS_6(CHAIN_DECLARE)
    ROWS_6(CHAIN_BEGIN)
    MULTIPLY_CHAINS
    ROWS_6(CHAIN_KEEP)
    ROWS_6(CHAIN_BEGIN)
    MULTIPLY_CHAINS
    ROWS_6(CHAIN_ADD)
  }
  for (int r = 0; r < rows; r++) {
    STORE_WITHIN(sums[2 * r], c + (size_t)r * row, live);
    STORE_WITHIN(sums[2 * r + 1], c + (size_t)r * row + LANES, live - LANES);
  }
}

// A block of C, behind whose start there are `rows` and `columns`, by another unit than vectors; to be
// called while results are flushed. At an edge it is computed on a whole block elsewhere.
INLINE void multiply_block_ahead(
    int unit, const __global uint* a, const __global uint* b, global_floats c, int row, int rows,
    int columns, int steps, bool add, Ahead ahead) {
  float edge[BF16_BLOCK * BF16_BLOCK] __attribute__((aligned(64)));
  rows = min(rows, BF16_BLOCK);
  columns = min(columns, BF16_BLOCK);
  bool whole = rows == BF16_BLOCK && columns == BF16_BLOCK;
  global_floats block = whole ? c : (global_floats)(uintptr_t)edge;
  int block_row = whole ? row : BF16_BLOCK;
  for (int r = 0; r < rows && add && !whole; r++) {
    for (int j = 0; j < BF16_BLOCK; j += LANES) {
      STORE(j < columns ? LOAD(c + (size_t)r * row + j) : (vec)(0.0f), edge + r * BF16_BLOCK + j);
    }
  }
  if (unit == UNIT_TILES) {
    multiply_by_tiles(a, b, block, block_row, steps, add);
  } else {
    ahead.far_sums = ahead.far_sums && whole;
    multiply_by_pairs(a, b, block, block_row, steps, add, ahead);
  }
  for (int r = 0; r < rows && !whole; r++) {
    for (int j = 0; j < columns; j += LANES) {
      STORE_WITHIN(LOAD(edge + r * BF16_BLOCK + j), c + (size_t)r * row + j, columns - j);
    }
  }
}

// The same of operands and sums that are near, flushed.
INLINE void multiply_block(
    int unit, const __global uint* a, const __global uint* b, global_floats c, int row, int rows,
    int columns, int steps, bool add) {
  RowsAhead no_rows = {0};
  Ahead nothing = {b, b, false, &no_rows};
  uint mode = begin_flushing();
  multiply_block_ahead(unit, a, b, c, row, rows, columns, steps, add, nothing);
  end_flushing(mode);
}

// A strip of `rows` rows over all columns of a chunk, by another unit than vectors; to be called while
// results are flushed. `next` is what is read after it, of B only if there is something; the first strip
// asks for the next columns of B, which the others find near.
INLINE void multiply_strip(
    int unit, const __global uint* a, const __global uint* b, size_t b_line_words, global_floats c,
    int row, int rows, int columns, int steps, bool add, bool first, Ahead next) {
  for (int j = 0; j < columns; j += BF16_BLOCK) {
    Ahead ahead = {b, b, next.far_sums, next.stored};
    if (j + BF16_BLOCK >= columns) {
      ahead.a = next.a;
      ahead.b = next.b ? next.b : b;
    } else if (first) {
      ahead.b = b + b_line_words;
    }
    multiply_block_ahead(unit, a, b, c + j, row, rows, columns - j, steps, add, ahead);
    b += b_line_words;
  }
}

// The same by vectors: A's strip and the panels of B are widened. `next` is the first of the packed rows of A
// that are widened after it, a line each in every block.
INLINE void multiply_strip_by_vectors(
    const_local_floats a, const_local_floats panels, global_floats c, int row, int rows, int columns,
    int steps, bool add, const __global uint* next) {
  int step = 0;
  for (int j = 0; j < columns; j += PANEL) {
    for (int end = min(steps, steps * (j + PANEL) / columns); step < end; step++) {
      for (int r = 0; r < BF16_STRIP_ROWS; r++) {
        PREFETCH_LINE(next + step * BF16_BLOCK_WORDS + r * BF16_LINE_WORDS);
      }
    }
    multiply_by_vectors(
        a, panels + (size_t)j * steps * BF16_BLOCK, c + j, row, rows, columns - j, steps, add);
  }
}

// Rows whose sums are done: C = sum + residual + bias, or as epilogue.cl has it.
INLINE void finish_rows(
    const Command* command, int first_row, int end_row, int first_column, int columns,
    global_floats c, const_global_floats bias, const_global_floats residual, size_t kept_offset) {
  bool activated = INT(18) != NOT_ACTIVATED;
  if (bias || (residual && !activated)) {
    for (int row = first_row; row < end_row; row++) {
      global_floats sums = c + (size_t)row * INT(15) + first_column;
      for (int i = 0; i < columns; i += LANES) {
        vec sum = LOAD(sums + i);
        if (residual && !activated) {
          sum += LOAD(residual + (size_t)row * INT(16) + first_column + i);
        }
        if (bias) {
          sum += LOAD(bias + first_column + i);
        }
        STORE_WITHIN(sum, sums + i, columns - i);
      }
    }
  }
  if (activated) {
    activate_rows(
        command, first_row, end_row, first_column, columns, c, residual, kept_offset);
  }
}

INLINE int blocks_of_part(int unit, int blocks_left) {
  int depth = unit == UNIT_PAIRS ? BF16_PAIRS_DEPTH : BF16_DEPTH;
  return blocks_left <= BF16_DEPTH / BF16_BLOCK ? blocks_left : depth / BF16_BLOCK;
}

// B as it is stored, from a column and a k on.
INLINE stored_numbers stored_from(const Command* command, int column, size_t k) {
  size_t stride = INT(14);
  size_t first = INT(33) == BF16_STORED_ALONG_K ? column * stride + k : k * stride + column;
  return numbers_from(numbers_of(SPAN(2)), first, INT(34));
}

// Packs columns [column, column + columns) of a B that lies as it is stored, blocks [d, d + steps) of its
// depth.
INLINE void pack_columns(
    const Command* command, int column, int columns, int d, int steps, __global uint* packed) {
  PackedPart part;
  part.packed = packed;
  part.depth_blocks = steps;
  part.first_line = 0;
  part.end_line = (columns + BF16_BLOCK - 1) / BF16_BLOCK;
  part.first_depth = 0;
  part.end_depth = steps;
  part.unit = INT(32);
  part.streamed = false;
  part.halved = INT(34);
  int k = d * BF16_BLOCK;
  pack_part(
      &part, stored_from(command, column, k), INT(14), INT(11) - column, INT(12) - k,
      INT(33) == BF16_STORED_ALONG_K, false);
}

// What will be packed after blocks [d, d + steps) of a tile's depth: the next blocks, behind the last ones
// the first of the tile that this group takes next if all groups take turns. It is asked for while
// `blocks` of C are multiplied.
INLINE RowsAhead packed_next(
    const Command* command, int first_column, int d, int steps, int blocks) {
  int number = INT(34) ? 2 : 4;
  int k = (d + steps) * BF16_BLOCK;
  int column = first_column;
  if (k >= INT(12)) {
    k = 0;
    column += get_num_groups(0) * INT(31);
  }
  int columns = min(INT(31), INT(11) - column);
  int blocks_left = (INT(12) - k + BF16_BLOCK - 1) / BF16_BLOCK;
  int depth = min(blocks_of_part(INT(32), blocks_left) * BF16_BLOCK, INT(12) - k);
  bool along_k = INT(33) == BF16_STORED_ALONG_K;
  RowsAhead ahead;
  ahead.row = (uintptr_t)stored_from(command, column, k);
  ahead.stride = (size_t)INT(14) * number;
  ahead.rows = columns <= 0 ? 0 : along_k ? columns : depth;
  ahead.lines = ((along_k ? depth : columns) * number + 63) / 64;
  ahead.line = 0;
  int times = blocks * (BF16_BLOCK / MULTIPLY_ROWS);
  ahead.at_a_time = (ahead.rows * ahead.lines + times - 1) / times;
  return ahead;
}

// arguments: common/matmul/product.cl, A packed, and 31 columns per tile (whole blocks), 32 unit, 33
// how B lies: packed, or as it is stored, of which every tile packs its columns, 34 whether it is stored
// in bf16. Rows per tile are whole blocks and whole strips.
INLINE void bf16_matmul(const Command* command, int tile, local_floats local_memory) {
  size_t product = tile / INT(23);
  tile %= INT(23);
  const __global uint* a = packed_words(SPAN(0)) + product * INT(24);
  const __global uint* b = packed_words(SPAN(2)) + product * INT(25);
  global_floats c = SPAN(4) + product * INT(26);
  const_global_floats bias = SPAN(6);
  bias = bias ? bias + product * INT(27) : bias;
  const_global_floats residual = SPAN(8);
  residual = residual ? residual + product * INT(28) : residual;
  int m = INT(10);
  int n = INT(11);
  int c_stride = INT(15);
  int accumulate = INT(17);
  int tile_rows = INT(22);
  int unit = INT(32);

  int depth_blocks = (INT(12) + BF16_BLOCK - 1) / BF16_BLOCK;
  size_t line_words = (size_t)depth_blocks * BF16_BLOCK_WORDS;
  int row_tiles = (m + tile_rows - 1) / tile_rows;
  int first_row = tile % row_tiles * tile_rows;
  int end_row = min(m, first_row + tile_rows);
  int first_column = tile / row_tiles * INT(31);
  int end_column = min(n, first_column + INT(31));
  bool vectors = unit == UNIT_VECTORS;
  int chunk = vectors ? BF16_VECTOR_COLUMNS : INT(31);
  bool stored = INT(33) != BF16_PACKED;
  int row_blocks = (end_row - first_row + BF16_BLOCK - 1) / BF16_BLOCK;
  __global uint* own = (__global uint*)(uintptr_t)local_memory;
  int strip = vectors ? BF16_STRIP_ROWS : BF16_BLOCK;
  local_floats left = local_memory + BF16_VECTOR_COLUMNS * BF16_DEPTH;
  if (unit == UNIT_TILES) {
    begin_tiles();
  }
  for (int j0 = first_column; j0 < end_column; j0 += chunk) {
    int columns = min(chunk, end_column - j0);
    int steps;
    for (int d = 0; d < depth_blocks; d += steps) {
      steps = blocks_of_part(unit, depth_blocks - d);
      bool add = accumulate || d > 0;
      const __global uint* a_blocks = a + (size_t)d * BF16_BLOCK_WORDS;
      const __global uint* b_blocks = b + (size_t)d * BF16_BLOCK_WORDS;
      const __global uint* b_columns = b_blocks + j0 / BF16_BLOCK * line_words;
      size_t b_line_words = line_words;
      // With the next depth the tile begins from its start; behind the last one nothing is read.
      const __global uint* next_a =
          a_blocks + first_row / BF16_BLOCK * line_words + (size_t)steps * BF16_BLOCK_WORDS;
      const __global uint* next_b = b_columns + (size_t)steps * BF16_BLOCK_WORDS;
      RowsAhead stored_ahead = {0};
      if (stored) {
        pack_columns(command, j0, columns, d, steps, own);
        b_columns = own;
        b_line_words = (size_t)steps * BF16_BLOCK_WORDS;
        next_b = own;
        if (unit == UNIT_PAIRS) {
          int blocks = row_blocks * ((columns + BF16_BLOCK - 1) / BF16_BLOCK);
          stored_ahead = packed_next(command, first_column, d, steps, blocks);
        }
      }
      if (vectors) {
        widen_columns(b_blocks, depth_blocks, steps, j0, columns, local_memory);
      }
      for (int i = first_row; i < end_row; i += strip) {
        int rows = min(strip, end_row - i);
        global_floats target = c + (size_t)i * c_stride + j0;
        if (vectors) {
          widen_rows(a_blocks, depth_blocks, steps, i, round_up(m, BF16_BLOCK), left);
        }
        uint mode = begin_flushing();
        if (vectors) {
          multiply_strip_by_vectors(
              left, local_memory, target, c_stride, rows, columns, steps, add,
              a_blocks + (i + strip) / BF16_BLOCK * line_words
                  + (i + strip) % BF16_BLOCK * BF16_LINE_WORDS);
        } else {
          const __global uint* a_block = a_blocks + i / BF16_BLOCK * line_words;
          bool last = i + strip >= end_row;
          Ahead next = {
              last ? next_a : a_block + line_words, last ? next_b : 0, accumulate && d == 0,
              &stored_ahead};
          multiply_strip(
              unit, a_block, b_columns, b_line_words, target, c_stride, rows, columns, steps, add,
              i == first_row, next);
        }
        end_flushing(mode);
        if (d + steps == depth_blocks) {
          finish_rows(
              command, i, i + rows, j0, columns, c, bias, residual, product * INT(29));
        }
      }
    }
  }
  if (unit == UNIT_TILES) {
    end_tiles();
  }
}
