// Matrices of weights W[outputs, inputs] in few bits, and what both forms do with them beside
// multiplying.
//
//   INT8   w = level * scale, a level from -127 to 127 and one scale for all weights of an output
//   INT4   w = level * scale, a level from -8 to 7 and a scale for each 32 weights along k, as GGUF's
//          Q4_0 has them (ggml-org/ggml, quantize_row_q4_0_ref), but a scale of 32 bits
//
// Outputs lie in panels of 16, side by side, so that a vector is one load; missing outputs of the last
// panel, and missing k of the last group of INT4, have the level 0.
//
//               output  0   1        15                     output  0    1         15
//   INT8  k     0     [ b | b | … | b ]   bytes      INT4  k  0…7    [ word | word | … | word ]
//               1     [ b | b | … | b ]                       8…15   [ word | word | … | word ]
//               …                                             …
//         scales      [ s | s | … | s ]              scales   0…31   [ s    | s    | … | s    ]
//
// A word of INT4 has the 8 levels of its k, plus 8, from its lowest four bits up. Words are bit
// patterns, not numbers.

#define QUANTIZED_PANEL 16
#define QUANTIZED_GROUP 32
#define FORMAT_INT8 1
#define FORMAT_INT4 2

// Words of a panel are 4 k for INT8.
#define INT8_ROW_WORDS 4
#define INT4_WORD_LEVELS 8
#define INT4_GROUP_WORDS (QUANTIZED_PANEL * QUANTIZED_GROUP / INT4_WORD_LEVELS)

#if LANES == 1
#define LOAD_LEVELS(pointer) convert_float(*(pointer))
#else
#define LOAD_LEVELS(pointer) JOIN(convert_float, LANES)(JOIN(vload, LANES)(0, (pointer)))
#endif

INLINE int quantized_groups(int k) { return (k + QUANTIZED_GROUP - 1) / QUANTIZED_GROUP; }

// Where the levels of a panel begin.
INLINE const __global char* int8_panel(const_global_floats words, int panel, int k) {
  return (const __global char*)(words + (size_t)panel * k * INT8_ROW_WORDS);
}

INLINE const_global_floats int4_panel(const_global_floats words, int panel, int k) {
  return words + (size_t)panel * quantized_groups(k) * INT4_GROUP_WORDS;
}

// Level number j of words of INT4. Its bits become the last ones of a float of a fixed exponent, whose
// value, 2^e + level + 8, is exact; at j 4 bits go to the second half of a word, for which a float has
// no room. A difference is left to do where a conversion would be, and no shift for each level.
INLINE vec int4_level(uvec word, int j) {
  uvec half_word = j < 4 ? word : word >> 16;
  int low = 4 * (j & 3);
  vec shifted = AS_VEC((half_word & (uvec)(15u << low)) | (uvec)((uint)(150 - low) << 23));
  return shifted - (vec)((float)(8 + (1 << (23 - low))));
}

// The weights of LANES outputs of a panel, from `lane` on, at k = i.
INLINE vec quantized_weights(
    const_global_floats words, const_global_floats scales, int format, int panel, int lane, int i,
    int k) {
  if (format == FORMAT_INT8) {
    const __global char* levels = int8_panel(words, panel, k) + (size_t)i * QUANTIZED_PANEL + lane;
    return LOAD_LEVELS(levels) * LOAD(scales + panel * QUANTIZED_PANEL + lane);
  }
  size_t row = (size_t)i / INT4_WORD_LEVELS * QUANTIZED_PANEL;
  uvec word = AS_UVEC(LOAD(int4_panel(words, panel, k) + row + lane));
  size_t group = (size_t)panel * quantized_groups(k) + i / QUANTIZED_GROUP;
  vec level = TO_VEC((word >> (uint)(4 * (i % INT4_WORD_LEVELS))) & (uvec)(15)) - (vec)(8.0f);
  return level * LOAD(scales + group * QUANTIZED_PANEL + lane);
}

// out[k, columns] = W[first … first + columns, k]^T, the transpose as a product wants it.
//
//   arguments: 0 words, 2 scales, 4 out, 6 first panel, 7 columns, 8 k, 9 stride of out, 10 format
//   tile: a panel
INLINE void dequantize(const Command* command, int tile) {
  const_global_floats words = SPAN(0);
  const_global_floats scales = SPAN(2);
  global_floats out = SPAN(4) + tile * QUANTIZED_PANEL;
  int panel = INT(6) + tile;
  int live = min(QUANTIZED_PANEL, INT(7) - tile * QUANTIZED_PANEL);
  int k = INT(8);
  int stride = INT(9);
  int format = INT(10);
  FOR_VECTORS(at, 0, (long)k * QUANTIZED_PANEL) {
    int i = (int)(at / QUANTIZED_PANEL);
    int lane = (int)(at % QUANTIZED_PANEL);
    if (lane < live) {
      vec weights = quantized_weights(words, scales, format, panel, lane, i, k);
      STORE_WITHIN(weights, out + (size_t)i * stride + lane, live - lane);
    }
  }
}

#if LANES == 1
#define FOR_WEIGHTS(i, count) for (int i = ITEM; i < (count); i += GROUP_ITEMS)
#else
#define FOR_WEIGHTS(i, count) for (int i = 0; i < (count); i++)
#endif

// out[r] = W[ids[r]], ids being whole numbers as floats; a row whose id is not an output of W becomes
// NaN.
//
//   arguments: 0 ids, 2 words, 4 scales, 6 out, 8 rows, 9 k, 10 outputs, 11 format
//   tile: EMBEDDING_ROWS rows
INLINE void quantized_embedding(const Command* command, int tile) {
  const_global_floats ids = SPAN(0);
  const_global_floats words = SPAN(2);
  const_global_floats scales = SPAN(4);
  int k = INT(9);
  int end = min(INT(8), (tile + 1) * EMBEDDING_ROWS);
  for (int row = tile * EMBEDDING_ROWS; row < end; row++) {
    global_floats out = SPAN(6) + (size_t)row * k;
    float id = ids[row];
    if (!(id >= 0.0f && id < (float)INT(10))) {
      FOR_VECTORS(i, 0, k) { STORE_WITHIN((vec)(NAN), out + i, k - i); }
      continue;
    }
    int panel = (int)id / QUANTIZED_PANEL;
    int lane = (int)id % QUANTIZED_PANEL;
    if (INT(11) == FORMAT_INT8) {
      const __global char* levels = int8_panel(words, panel, k) + lane;
      float scale = scales[(int)id];
      FOR_WEIGHTS(i, k) { out[i] = (float)levels[(size_t)i * QUANTIZED_PANEL] * scale; }
    } else {
      const_global_floats panel_words = int4_panel(words, panel, k) + lane;
      size_t group = (size_t)panel * quantized_groups(k);
      FOR_WEIGHTS(i, k) {
        uint word = as_uint(panel_words[(size_t)(i / INT4_WORD_LEVELS) * QUANTIZED_PANEL]);
        int level = (int)((word >> (4 * (i % INT4_WORD_LEVELS))) & 15u) - 8;
        out[i] = (float)level * scales[(group + i / QUANTIZED_GROUP) * QUANTIZED_PANEL + lane];
      }
    }
  }
}
