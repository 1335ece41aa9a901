// Products of a few rows with weights in few bits, as in decoding: y[m,n] = x[m,k] W^T, plus a residual
// [m,n] and bias[n]. Weights become floats in registers and are read from memory once, as a stream.
// Their layout: common/matmul/quantized.cl.
//
//      16 outputs              A panel is walked along k, QUANTIZED_ROWS rows of x at a time: the first
//     +----------+             ones stream it from memory, the others find it in the cache. An element
//   k |  panel   |  * x[k]     of y is a lane, so its sum has one order, whatever the rows beside it,
//     |          |  broadcast  the tiles, the threads and the width of a vector are:
//     |    …     |
//     +----------+
//
//   INT8   four chains of fma from 0, over k mod 4;  sum = (c0 + c1) + (c2 + c3)
//          y = fma(sum, scale, residual or 0) + bias
//   INT4   per group of 32 k four chains from 0, over 8 k each;  sum = (c0 + c1) + (c2 + c3)
//          total = fma(sum, scale, total);  y = (total + residual or 0) + bias
//
//   arguments: 0 x, 2 words, 4 scales, 6 y, 8 bias or absent, 10 residual or absent, 12 m, 13 n, 14 k,
//              15 stride of x, 16 of y, 17 of the residual, 18 panels of a tile

#define QUANTIZED_VECTORS (QUANTIZED_PANEL / LANES)
#define QUANTIZED_STRANDS 4

// As many as leave their sums in registers.
#if LANES == 16
#define QUANTIZED_ROWS 4
#else
#define QUANTIZED_ROWS 2
#endif

// Rows of x from `row` on; those behind the last one are the last one once more.
INLINE void quantized_inputs(const Command* command, int row, const_global_floats* x) {
#pragma unroll
  for (int r = 0; r < QUANTIZED_ROWS; r++) {
    x[r] = SPAN(0) + (size_t)min(row + r, INT(12) - 1) * INT(15);
  }
}

INLINE vec quantized_residual(const Command* command, int row, int column) {
  const_global_floats residual = SPAN(10);
  return residual ? LOAD(residual + (size_t)row * INT(17) + column) : (vec)(0.0f);
}

INLINE void quantized_store(const Command* command, int row, int column, vec sum) {
  const_global_floats bias = SPAN(8);
  if (bias) {
    sum += LOAD(bias + column);
  }
  STORE_WITHIN(sum, SPAN(6) + (size_t)row * INT(16) + column, INT(13) - column);
}

// Adds the products of one k to its strand, j of each QUANTIZED_STRANDS; `levels` are those of `first`.
INLINE void int8_step(
    const __global char* levels, const_global_floats* x, int first, int j,
    vec (*chains)[QUANTIZED_VECTORS][QUANTIZED_STRANDS], const int rows) {
#pragma unroll
  for (int v = 0; v < QUANTIZED_VECTORS; v++) {
    vec w = LOAD_LEVELS(levels + j * QUANTIZED_PANEL + v * LANES);
#pragma unroll
    for (int r = 0; r < rows; r++) {
      chains[r][v][j] = fma((vec)(x[r][first + j]), w, chains[r][v][j]);
    }
  }
}

// `rows` is a constant where this is called: the loops over it unroll.
INLINE void int8_rows(const Command* command, int panel, int row, const int rows) {
  int k = INT(14);
  const __global char* levels = int8_panel(SPAN(2), panel, k);
  const_global_floats x[QUANTIZED_ROWS];
  quantized_inputs(command, row, x);
  vec chains[QUANTIZED_ROWS][QUANTIZED_VECTORS][QUANTIZED_STRANDS];
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int v = 0; v < QUANTIZED_VECTORS; v++) {
#pragma unroll
      for (int j = 0; j < QUANTIZED_STRANDS; j++) {
        chains[r][v][j] = (vec)(0.0f);
      }
    }
  }
  int whole = round_down(k, QUANTIZED_STRANDS);
  for (int i = 0; i < whole; i += QUANTIZED_STRANDS, levels += QUANTIZED_STRANDS * QUANTIZED_PANEL) {
    PREFETCH((const_global_floats)levels);
#pragma unroll
    for (int j = 0; j < QUANTIZED_STRANDS; j++) {
      int8_step(levels, x, i, j, chains, rows);
    }
  }
#pragma unroll
  for (int j = 0; j < QUANTIZED_STRANDS - 1; j++) {
    if (whole + j < k) {
      int8_step(levels, x, whole, j, chains, rows);
    }
  }
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int v = 0; v < QUANTIZED_VECTORS; v++) {
      int column = panel * QUANTIZED_PANEL + v * LANES;
      if (row + r < INT(12) && column < INT(13)) {
        vec sum = (chains[r][v][0] + chains[r][v][1]) + (chains[r][v][2] + chains[r][v][3]);
        vec scale = LOAD(SPAN(4) + column);
        vec residual = quantized_residual(command, row + r, column);
        quantized_store(command, row + r, column, fma(sum, scale, residual));
      }
    }
  }
}

// The sums over one group, from `first` on, times their scales. Behind the last k of x stand zeros.
INLINE void int4_group(
    const_global_floats words, const_global_floats scales, const_global_floats* x, int first, int live,
    vec (*totals)[QUANTIZED_VECTORS], const int rows, const bool whole) {
#pragma unroll
  for (int v = 0; v < QUANTIZED_VECTORS; v++) {
    vec chains[QUANTIZED_ROWS][QUANTIZED_STRANDS];
#pragma unroll
    for (int i = 0; i < QUANTIZED_STRANDS; i++) {
      PREFETCH(words + i * QUANTIZED_PANEL);
      uvec word = AS_UVEC(LOAD(words + i * QUANTIZED_PANEL + v * LANES));
#pragma unroll
      for (int r = 0; r < rows; r++) {
        chains[r][i] = (vec)(0.0f);
      }
#pragma unroll
      for (int j = 0; j < INT4_WORD_LEVELS; j++) {
        vec w = int4_level(word, j);
        int at = i * INT4_WORD_LEVELS + j;
#pragma unroll
        for (int r = 0; r < rows; r++) {
          float value = whole || at < live ? x[r][first + at] : 0.0f;
          chains[r][i] = fma((vec)(value), w, chains[r][i]);
        }
      }
    }
    vec scale = LOAD(scales + v * LANES);
#pragma unroll
    for (int r = 0; r < rows; r++) {
      vec sum = (chains[r][0] + chains[r][1]) + (chains[r][2] + chains[r][3]);
      totals[r][v] = fma(sum, scale, totals[r][v]);
    }
  }
}

INLINE void int4_rows(const Command* command, int panel, int row, const int rows) {
  int k = INT(14);
  const_global_floats words = int4_panel(SPAN(2), panel, k);
  const_global_floats scales = SPAN(4) + (size_t)panel * quantized_groups(k) * QUANTIZED_PANEL;
  const_global_floats x[QUANTIZED_ROWS];
  quantized_inputs(command, row, x);
  vec totals[QUANTIZED_ROWS][QUANTIZED_VECTORS];
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int v = 0; v < QUANTIZED_VECTORS; v++) {
      totals[r][v] = (vec)(0.0f);
    }
  }
  int whole = round_down(k, QUANTIZED_GROUP);
  for (int i = 0; i < whole; i += QUANTIZED_GROUP) {
    int4_group(words, scales, x, i, QUANTIZED_GROUP, totals, rows, true);
    words += INT4_GROUP_WORDS;
    scales += QUANTIZED_PANEL;
  }
  if (whole < k) {
    int4_group(words, scales, x, whole, k - whole, totals, rows, false);
  }
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int v = 0; v < QUANTIZED_VECTORS; v++) {
      int column = panel * QUANTIZED_PANEL + v * LANES;
      if (row + r < INT(12) && column < INT(13)) {
        vec residual = quantized_residual(command, row + r, column);
        quantized_store(command, row + r, column, totals[r][v] + residual);
      }
    }
  }
}

#define DEFINE_QUANTIZED_MATVEC(format)                                \
  INLINE void format##_matvec(const Command* command, int tile) {      \
    int m = INT(12);                                                   \
    int panels = (INT(13) + QUANTIZED_PANEL - 1) / QUANTIZED_PANEL;    \
    int end = min(panels, (tile + 1) * INT(18));                       \
    for (int panel = tile * INT(18); panel < end; panel++) {           \
      if (m == 1) {                                                    \
        format##_rows(command, panel, 0, 1);                           \
        continue;                                                      \
      }                                                                \
      for (int row = 0; row < m; row += QUANTIZED_ROWS) {              \
        format##_rows(command, panel, row, QUANTIZED_ROWS);            \
      }                                                                \
    }                                                                  \
  }

DEFINE_QUANTIZED_MATVEC(int8)
DEFINE_QUANTIZED_MATVEC(int4)
