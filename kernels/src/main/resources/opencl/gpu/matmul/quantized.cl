// GPU form of the products of a few rows with weights in few bits. Formulas and arguments:
// cpu/matmul/quantized.cl; layout: common/matmul/quantized.cl.
//
//   piece: a panel of 16 outputs. Neighbouring items load neighbouring words of its stream.
//   INT8: an item has the 2 outputs of a word, each 32nd pair of k
//   INT4: an item has one output, each 16th word of 8 k
//
// Products of one word are added as whole numbers, these as floats; what the items of an output sum is
// added in pairs. Rows of x are taken four at a time.

#define INT8_STRANDS (GROUP_ITEMS / INT8_PAIR_WORDS)
#define INT4_STRANDS (GROUP_ITEMS / QUANTIZED_PANEL)
#define QUANTIZED_ROWS 4

// An item rounds a group.
KERNEL(round_rows) {
  BEGIN_KERNEL;
  int k = INT(5);
  int groups = quantized_groups(k);
  FOR_ELEMENTS(at, (long)INT(4) * groups) {
    int row = (int)(at / groups);
    int group = (int)(at % groups);
    const_global_floats x = SPAN(0) + (size_t)row * INT(6) + group * QUANTIZED_GROUP;
    global_floats rounded = SPAN(2) + (size_t)row * rounded_words(k);
    int live = min(QUANTIZED_GROUP, k - group * QUANTIZED_GROUP);
    float largest = 0.0f;
    float zero = 0.0f;
    for (int i = 0; i < live; i++) {
      largest = fmax(largest, fabs(x[i]));
      zero = fma(x[i], 0.0f, zero);
    }
    bool finite = zero == 0.0f;
    float scale = largest / ROUNDED_LARGEST;
    bool normal = finite && scale >= FLT_MIN;
    float factor = normal ? ROUNDED_LARGEST / largest : 0.0f;
    int sum = 0;
    for (int pair = 0; pair < QUANTIZED_PAIRS; pair++) {
      int levels[2];
      for (int i = 0; i < 2; i++) {
        int at_x = 2 * pair + i;
        levels[i] = normal && at_x < live ? convert_int_rte(x[at_x] * factor) : 0;
        sum += levels[i];
      }
      int word = (levels[0] & 0xffff) | (int)((uint)levels[1] << 16);
      rounded[group * QUANTIZED_PAIRS + pair] = as_float(word);
    }
    rounded[groups * QUANTIZED_PAIRS + group] = finite ? (normal ? scale : 0.0f) : NAN;
    rounded[groups * (QUANTIZED_PAIRS + 1) + group] = as_float(-8 * sum);
  }
}

// Sums of items that are `width` apart, in the first `width` items.
INLINE void quantized_reduce(__local float4* scratch, float4 sum, int width) {
  scratch[ITEM] = sum;
  LOCAL_BARRIER;
  for (int step = GROUP_ITEMS / 2; step >= width; step /= 2) {
    if (ITEM < step) {
      scratch[ITEM] += scratch[ITEM + step];
    }
    LOCAL_BARRIER;
  }
}

INLINE void quantized_store(const Command* command, int row, int column, float sum) {
  const_global_floats bias = SPAN(8);
  const_global_floats residual = SPAN(10);
  if (residual) {
    sum += residual[(size_t)row * INT(16) + column];
  }
  if (bias) {
    sum += bias[column];
  }
  SPAN(6)[(size_t)row * INT(15) + column] = sum;
}

// Rounded rows from `row` on; those behind the last one are the last one once more.
typedef struct {
  const __global short2* pairs[QUANTIZED_ROWS];
  const_global_floats scales[QUANTIZED_ROWS];
} RoundedRows;

INLINE RoundedRows rounded_rows(const Command* command, int row) {
  RoundedRows x;
  int k = INT(14);
#pragma unroll
  for (int r = 0; r < QUANTIZED_ROWS; r++) {
    const_global_floats from = SPAN(0) + (size_t)min(row + r, INT(12) - 1) * rounded_words(k);
    x.pairs[r] = (const __global short2*)from;
    x.scales[r] = from + quantized_groups(k) * QUANTIZED_PAIRS;
  }
  return x;
}

INLINE int multiply_pair(short2 x, int even, int odd) { return x.x * even + x.y * odd; }

INLINE void int8_rows(
    const Command* command, int panel, int row, int columns, __local float4* scratch) {
  const __local float* all = (const __local float*)scratch;
  int k = INT(14);
  const __global char4* levels = (const __global char4*)int8_panel(SPAN(2), panel, k);
  RoundedRows x = rounded_rows(command, row);
  float2 sums[QUANTIZED_ROWS] = {(float2)(0.0f), (float2)(0.0f), (float2)(0.0f), (float2)(0.0f)};
#pragma unroll 4
  for (int i = ITEM / INT8_PAIR_WORDS; i < quantized_pairs(k); i += INT8_STRANDS) {
    char4 level = levels[(size_t)i * INT8_PAIR_WORDS + ITEM % INT8_PAIR_WORDS];
#pragma unroll
    for (int r = 0; r < QUANTIZED_ROWS; r++) {
      short2 pair = x.pairs[r][i];
      float2 part = (float2)(
          multiply_pair(pair, level.x, level.y), multiply_pair(pair, level.z, level.w));
      sums[r] = fma(part, (float2)(x.scales[r][i / QUANTIZED_PAIRS]), sums[r]);
    }
  }
#pragma unroll
  for (int r = 0; r < QUANTIZED_ROWS; r++) {
    quantized_reduce(scratch, (float4)(sums[r], 0.0f, 0.0f), INT8_PAIR_WORDS);
    if (row + r < INT(12) && ITEM < columns) {
      int column = panel * QUANTIZED_PANEL + ITEM;
      quantized_store(
          command, row + r, column, all[ITEM / 2 * 4 + ITEM % 2] * SPAN(4)[column]);
    }
    LOCAL_BARRIER;
  }
}

INLINE void int4_rows(
    const Command* command, int panel, int row, int columns, __local float4* scratch) {
  const __local float* all = (const __local float*)scratch;
  int k = INT(14);
  int column = ITEM % QUANTIZED_PANEL;
  const_global_floats words = int4_panel(SPAN(2), panel, k) + column;
  const_global_floats scales =
      SPAN(4) + (size_t)panel * quantized_groups(k) * QUANTIZED_PANEL + column;
  RoundedRows x = rounded_rows(command, row);
  float sums[QUANTIZED_ROWS] = {0.0f, 0.0f, 0.0f, 0.0f};
  for (int at = ITEM / QUANTIZED_PANEL; at * INT4_WORD_LEVELS < k; at += INT4_STRANDS) {
    uint word = as_uint(words[(size_t)at * QUANTIZED_PANEL]);
    int group = at * INT4_WORD_LEVELS / QUANTIZED_GROUP;
    float scale = scales[(size_t)group * QUANTIZED_PANEL];
    int parts[QUANTIZED_ROWS] = {0, 0, 0, 0};
#pragma unroll
    for (int pair = 0; pair < INT4_WORD_PAIRS; pair++) {
      uint levels = (word >> INT4_PAIR_SHIFT(pair)) & INT4_PAIR;
      int even = (int)(levels & 0xffffu) - 8;
      int odd = (int)(levels >> 16) - 8;
#pragma unroll
      for (int r = 0; r < QUANTIZED_ROWS; r++) {
        parts[r] += multiply_pair(x.pairs[r][at * INT4_WORD_PAIRS + pair], even, odd);
      }
    }
#pragma unroll
    for (int r = 0; r < QUANTIZED_ROWS; r++) {
      sums[r] = fma((float)parts[r], x.scales[r][group] * scale, sums[r]);
    }
  }
  quantized_reduce(
      scratch, (float4)(sums[0], sums[1], sums[2], sums[3]), QUANTIZED_PANEL);
  int r = ITEM / QUANTIZED_PANEL;
  if (r < min(QUANTIZED_ROWS, INT(12) - row) && column < columns) {
    quantized_store(
        command, row + r, panel * QUANTIZED_PANEL + column, all[column * QUANTIZED_ROWS + r]);
  }
  LOCAL_BARRIER;
}

#define QUANTIZED_KERNEL(format)                                              \
  KERNEL(format##_matvec) {                                                   \
    __local float4 scratch[GROUP_ITEMS];                                      \
    BEGIN_KERNEL;                                                             \
    int n = INT(13);                                                          \
    FOR_PIECES(panel, (n + QUANTIZED_PANEL - 1) / QUANTIZED_PANEL) {          \
      int columns = min(QUANTIZED_PANEL, n - (int)panel * QUANTIZED_PANEL);   \
      for (int row = 0; row < INT(12); row += QUANTIZED_ROWS) {               \
        format##_rows(command, (int)panel, row, columns, scratch);            \
      }                                                                       \
    }                                                                         \
  }

QUANTIZED_KERNEL(int8)
QUANTIZED_KERNEL(int4)
