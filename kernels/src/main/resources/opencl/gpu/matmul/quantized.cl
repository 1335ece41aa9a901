// GPU form of the products of a few rows with weights in few bits. Formulas and arguments:
// cpu/matmul/quantized.cl; layout: common/matmul/quantized.cl.
//
//   piece: a panel of 16 outputs. Neighbouring items load neighbouring words of its stream.
//   INT8: an item has the 4 outputs of a word, each 64th k
//   INT4: an item has one output, each 16th word of 8 k
//
// What the items of an output sum is added in pairs. Rows of x are taken four at a time.

#define INT8_STRANDS (GROUP_ITEMS / INT8_ROW_WORDS)
#define INT4_STRANDS (GROUP_ITEMS / QUANTIZED_PANEL)
#define QUANTIZED_ROWS 4

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
    sum += residual[(size_t)row * INT(17) + column];
  }
  if (bias) {
    sum += bias[column];
  }
  SPAN(6)[(size_t)row * INT(16) + column] = sum;
}

// Rows of x from `row` on, of which there may be fewer than four.
typedef struct {
  const_global_floats row[QUANTIZED_ROWS];
} QuantizedInputs;

INLINE QuantizedInputs quantized_inputs(const Command* command, int row) {
  QuantizedInputs inputs;
#pragma unroll
  for (int r = 0; r < QUANTIZED_ROWS; r++) {
    inputs.row[r] = SPAN(0) + (size_t)min(row + r, INT(12) - 1) * INT(15);
  }
  return inputs;
}

INLINE void int8_rows(
    const Command* command, int panel, int row, int columns, __local float4* scratch) {
  const __local float* all = (const __local float*)scratch;
  int k = INT(14);
  const __global char4* levels = (const __global char4*)int8_panel(SPAN(2), panel, k);
  QuantizedInputs x = quantized_inputs(command, row);
  float4 sums[QUANTIZED_ROWS] = {(float4)(0.0f), (float4)(0.0f), (float4)(0.0f), (float4)(0.0f)};
#pragma unroll 4
  for (int i = ITEM / INT8_ROW_WORDS; i < k; i += INT8_STRANDS) {
    float4 level = convert_float4(levels[(size_t)i * INT8_ROW_WORDS + ITEM % INT8_ROW_WORDS]);
#pragma unroll
    for (int r = 0; r < QUANTIZED_ROWS; r++) {
      sums[r] = fma((float4)(x.row[r][i]), level, sums[r]);
    }
  }
#pragma unroll
  for (int r = 0; r < QUANTIZED_ROWS; r++) {
    quantized_reduce(scratch, sums[r], INT8_ROW_WORDS);
    if (row + r < INT(12) && ITEM < columns) {
      int column = panel * QUANTIZED_PANEL + ITEM;
      quantized_store(command, row + r, column, all[ITEM] * SPAN(4)[column]);
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
  QuantizedInputs x = quantized_inputs(command, row);
  float4 sums = (float4)(0.0f);
  for (int at = ITEM / QUANTIZED_PANEL; at * INT4_WORD_LEVELS < k; at += INT4_STRANDS) {
    uint word = as_uint(words[(size_t)at * QUANTIZED_PANEL]);
    float4 part = (float4)(0.0f);
#pragma unroll
    for (int j = 0; j < INT4_WORD_LEVELS; j++) {
      int i = at * INT4_WORD_LEVELS + j;
      if (i < k) {
        float4 inputs = (float4)(x.row[0][i], x.row[1][i], x.row[2][i], x.row[3][i]);
        part = fma(inputs, (float4)(int4_level(word, j)), part);
      }
    }
    int group = at * INT4_WORD_LEVELS / QUANTIZED_GROUP;
    sums = fma(part, (float4)(scales[(size_t)group * QUANTIZED_PANEL]), sums);
  }
  quantized_reduce(scratch, sums, QUANTIZED_PANEL);
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
