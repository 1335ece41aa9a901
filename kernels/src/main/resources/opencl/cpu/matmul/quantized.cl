// Products of a few rows with weights in few bits, as in decoding: y[m,n] = x[m,k] W^T, plus a residual
// [m,n] and bias[n]. Weights are read from memory once, as a stream, and never become floats. Their
// layout, and how x is rounded before: common/matmul/quantized.cl.
//
//      16 outputs              A panel is walked along k, QUANTIZED_ROWS rows of x at a time: the first
//     +----------+             ones stream it from memory, the others find it in the cache. An element
//   k |  panel   |  * x[k]     of y is a lane, so its sum has one order, whatever the rows beside it,
//     |          |  broadcast  the tiles, the threads and the width of a vector are:
//     |    …     |
//     +----------+
//
//   sum = the products of whole numbers over a group of 32 k: exact, then rounded to a float
//   INT8   total = fma(sum, scale of x, total);  y = fma(total, scale of w, residual or 0) + bias
//   INT4   total = fma(sum, scale of x * scale of w, total);  y = (total + residual or 0) + bias
//
//   arguments: 0 x rounded, 2 words, 4 scales, 6 y, 8 bias or absent, 10 residual or absent, 12 m, 13 n,
//              14 k, 15 stride of y, 16 of the residual, 17 panels of a tile

#define QUANTIZED_VECTORS (QUANTIZED_PANEL / LANES)

// As many as leave their sums in registers.
#if LANES == 16
#define QUANTIZED_ROWS 4
#else
#define QUANTIZED_ROWS 2
#endif

typedef short pair_shorts __attribute__((ext_vector_type(2 * LANES)));
typedef char pair_bytes __attribute__((ext_vector_type(2 * LANES), aligned(4)));

// sum + the products of two numbers of 16 bits each. Exact, so it does not matter which instruction
// the processor has for it.
INLINE ivec add_pairs(ivec sum, ivec x, ivec w) {
#if LANES == 16 && defined(__AVX512VNNI__)
  __asm__("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(x), "v"(w));
  return sum;
#elif (LANES == 16 && defined(__AVX512BW__)) || (LANES == 8 && defined(__AVX2__))
  ivec products;
  __asm__("vpmaddwd %2, %1, %0" : "=x"(products) : "x"(x), "x"(w));
  return sum + products;
#else
  return sum + ((x << 16) >> 16) * ((w << 16) >> 16) + (x >> 16) * (w >> 16);
#endif
}

// Rounds rows of x.
//
//   arguments: 0 x, 2 rounded rows, 4 m, 5 k, 6 stride of x, 7 groups of a tile
INLINE void round_rows(const Command* command, int tile) {
  int k = INT(5);
  int groups = quantized_groups(k);
  int end = min(INT(4) * groups, (tile + 1) * INT(7));
  for (int at = tile * INT(7); at < end; at++) {
    int row = at / groups;
    int group = at % groups;
    const_global_floats x = SPAN(0) + (size_t)row * INT(6) + group * QUANTIZED_GROUP;
    global_floats rounded = SPAN(2) + (size_t)row * rounded_words(k);
    int live = k - group * QUANTIZED_GROUP;
    vec values[QUANTIZED_GROUP / LANES];
    vec largest = (vec)(0.0f);
    vec zeros = (vec)(0.0f);
#pragma unroll
    for (int v = 0; v < QUANTIZED_GROUP / LANES; v++) {
      vec value = live >= QUANTIZED_GROUP ? LOAD(x + v * LANES)
                                          : keep_first(LOAD(x + v * LANES), live - v * LANES);
      values[v] = value;
      largest = fmax(largest, fabs(value));
      zeros = fma(value, (vec)(0.0f), zeros);
    }
    float limit = max_of_lanes(largest);
    bool finite = sum_of_lanes(zeros) == 0.0f;
    float scale = limit / ROUNDED_LARGEST;
    bool normal = finite && scale >= FLT_MIN;
    vec factor = (vec)(normal ? ROUNDED_LARGEST / limit : 0.0f);
    vec sum = (vec)(0.0f);
#pragma unroll
    for (int v = 0; v < QUANTIZED_GROUP / LANES; v += 2) {
      vec low = normal ? rint(values[v] * factor) : (vec)(0.0f);
      vec high = normal ? rint(values[v + 1] * factor) : (vec)(0.0f);
      sum += low + high;
      ivec even = JOIN(convert_int, LANES)((vec)(low.even, high.even));
      ivec odd = JOIN(convert_int, LANES)((vec)(low.odd, high.odd));
      ivec pairs = (even & (ivec)(0xffff)) | (odd << 16);
      STORE(AS_VEC(pairs), rounded + group * QUANTIZED_PAIRS + v / 2 * LANES);
    }
    rounded[groups * QUANTIZED_PAIRS + group] = finite ? (normal ? scale : 0.0f) : NAN;
    rounded[groups * (QUANTIZED_PAIRS + 1) + group] = as_float(-8 * (int)sum_of_lanes(sum));
  }
}

// Rounded rows, from `row` on; those behind the last one are the last one once more.
typedef struct {
  const __global int* pairs[QUANTIZED_ROWS];
  const_global_floats scales[QUANTIZED_ROWS];
  const __global int* starts[QUANTIZED_ROWS];
} RoundedRows;

INLINE RoundedRows rounded_rows(const Command* command, int row, const int rows) {
  RoundedRows x;
  int k = INT(14);
  int groups = quantized_groups(k);
#pragma unroll
  for (int r = 0; r < rows; r++) {
    const_global_floats from = SPAN(0) + (size_t)min(row + r, INT(12) - 1) * rounded_words(k);
    x.pairs[r] = (const __global int*)from;
    x.scales[r] = from + groups * QUANTIZED_PAIRS;
    x.starts[r] = (const __global int*)(from + groups * (QUANTIZED_PAIRS + 1));
  }
  return x;
}

INLINE vec quantized_residual(const Command* command, int row, int column) {
  const_global_floats residual = SPAN(10);
  return residual ? LOAD(residual + (size_t)row * INT(16) + column) : (vec)(0.0f);
}

INLINE void quantized_store(const Command* command, int row, int column, vec sum) {
  const_global_floats bias = SPAN(8);
  if (bias) {
    sum += LOAD(bias + column);
  }
  STORE_WITHIN(sum, SPAN(6) + (size_t)row * INT(15) + column, INT(13) - column);
}

// The sums of a group of INT8, `levels` being those of its first pair. `rows` and, further on, `format`
// are constants where they are called: the loops over them unroll.
INLINE void int8_sums(
    const __global char* levels, const RoundedRows* x, int group,
    ivec (*sums)[QUANTIZED_VECTORS], const int rows) {
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int v = 0; v < QUANTIZED_VECTORS; v++) {
      sums[r][v] = (ivec)(0);
    }
  }
#pragma unroll
  for (int i = 0; i < QUANTIZED_PAIRS; i++) {
    if (i % 2 == 0) {
      PREFETCH((const_global_floats)(levels + 2 * i * QUANTIZED_PANEL));
    }
#pragma unroll
    for (int v = 0; v < QUANTIZED_VECTORS; v++) {
      pair_bytes bytes =
          *(const __global pair_bytes*)(levels + 2 * (i * QUANTIZED_PANEL + v * LANES));
      ivec w = __builtin_astype(__builtin_convertvector(bytes, pair_shorts), ivec);
#pragma unroll
      for (int r = 0; r < rows; r++) {
        ivec two = (ivec)(x->pairs[r][group * QUANTIZED_PAIRS + i]);
        sums[r][v] = add_pairs(sums[r][v], two, w);
      }
    }
  }
}

// The same of INT4.
INLINE void int4_sums(
    const_global_floats words, const RoundedRows* x, int group, ivec (*sums)[QUANTIZED_VECTORS],
    const int rows) {
#pragma unroll
  for (int v = 0; v < QUANTIZED_VECTORS; v++) {
#pragma unroll
    for (int r = 0; r < rows; r++) {
      sums[r][v] = (ivec)(x->starts[r][group]);
    }
#pragma unroll
    for (int i = 0; i < QUANTIZED_GROUP / INT4_WORD_LEVELS; i++) {
      PREFETCH(words + i * QUANTIZED_PANEL);
      uvec word = AS_UVEC(LOAD(words + i * QUANTIZED_PANEL + v * LANES));
#pragma unroll
      for (int pair = 0; pair < INT4_WORD_PAIRS; pair++) {
        uvec levels = (word >> (uint)INT4_PAIR_SHIFT(pair)) & (uvec)(INT4_PAIR);
        int at = group * QUANTIZED_PAIRS + i * INT4_WORD_PAIRS + pair;
#pragma unroll
        for (int r = 0; r < rows; r++) {
          sums[r][v] = add_pairs(sums[r][v], (ivec)(x->pairs[r][at]), AS_IVEC(levels));
        }
      }
    }
  }
}

INLINE void quantized_rows(
    const Command* command, int panel, int row, const int rows, const int format) {
  int k = INT(14);
  int groups = quantized_groups(k);
  const_global_floats words =
      format == FORMAT_INT8 ? (const_global_floats)int8_panel(SPAN(2), panel, k)
                            : int4_panel(SPAN(2), panel, k);
  // Of INT8 a scale for each output, of INT4 one for each group of them.
  const_global_floats scales =
      SPAN(4) + (size_t)panel * (format == FORMAT_INT8 ? 1 : groups) * QUANTIZED_PANEL;
  RoundedRows x = rounded_rows(command, row, rows);
  vec totals[QUANTIZED_ROWS][QUANTIZED_VECTORS];
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int v = 0; v < QUANTIZED_VECTORS; v++) {
      totals[r][v] = (vec)(0.0f);
    }
  }
  for (int group = 0; group < groups; group++) {
    ivec sums[QUANTIZED_ROWS][QUANTIZED_VECTORS];
    if (format == FORMAT_INT8) {
      int8_sums((const __global char*)words, &x, group, sums, rows);
    } else {
      int4_sums(words, &x, group, sums, rows);
    }
#pragma unroll
    for (int r = 0; r < rows; r++) {
#pragma unroll
      for (int v = 0; v < QUANTIZED_VECTORS; v++) {
        vec scale = (vec)(x.scales[r][group]);
        if (format == FORMAT_INT4) {
          scale *= LOAD(scales + v * LANES);
        }
        totals[r][v] = fma(TO_VEC(sums[r][v]), scale, totals[r][v]);
      }
    }
    words += format == FORMAT_INT8 ? INT8_PAIR_WORDS * QUANTIZED_PAIRS : INT4_GROUP_WORDS;
    scales += format == FORMAT_INT8 ? 0 : QUANTIZED_PANEL;
  }
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int v = 0; v < QUANTIZED_VECTORS; v++) {
      int column = panel * QUANTIZED_PANEL + v * LANES;
      if (row + r < INT(12) && column < INT(13)) {
        vec residual = quantized_residual(command, row + r, column);
        vec sum = format == FORMAT_INT8 ? fma(totals[r][v], LOAD(scales + v * LANES), residual)
                                        : totals[r][v] + residual;
        quantized_store(command, row + r, column, sum);
      }
    }
  }
}

INLINE void quantized_matvec(const Command* command, int tile, const int format) {
  int m = INT(12);
  int panels = (INT(13) + QUANTIZED_PANEL - 1) / QUANTIZED_PANEL;
  int end = min(panels, (tile + 1) * INT(17));
  for (int panel = tile * INT(17); panel < end; panel++) {
    if (m == 1) {
      quantized_rows(command, panel, 0, 1, format);
      continue;
    }
    for (int row = 0; row < m; row += QUANTIZED_ROWS) {
      quantized_rows(command, panel, row, QUANTIZED_ROWS, format);
    }
  }
}
