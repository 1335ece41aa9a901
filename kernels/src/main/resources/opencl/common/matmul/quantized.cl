// Matrices of weights W[outputs, inputs] in few bits, and what both forms do with them beside
// multiplying.
//
//   INT8   w = level * scale, a level from -127 to 127 and one scale for all weights of an output
//   INT4   w = level * scale, a level from -8 to 7 and a scale for each 32 weights along k, as GGUF's
//          Q4_0 has them (ggml-org/ggml, quantize_row_q4_0_ref), but a scale of 32 bits
//
// Outputs lie in panels of 16, side by side, so that a vector is one load. Where two k stand in a word,
// they are multiplied together. Missing outputs of the last panel, and missing k of the last 32, have
// the level 0.
//
//               output  0    1         15                 output  0    1         15
//   INT8  k   0, 1      [ bb | bb | … | bb ]   bytes    INT4  k  0…7    [ word | word | … | word ]
//             2, 3      [ bb | bb | … | bb ]                     8…15   [ word | word | … | word ]
//             …                                                  …
//         scales        [ s  | s  | … | s  ]            scales   0…31   [ s    | s    | … | s    ]
//
// A word of INT4 has the levels of its 8 k, plus 8, four bits each: the even k in its low half, the odd
// ones in its high half, each from the lowest bits up. Words are bit patterns, not numbers.
//
// A product rounds its rows x, too, to whole numbers of 16 bits, whose products and sums within a group
// of 32 k are exact in 32 bits: they are the same in whatever order and by whatever instruction.
//
//   scale = largest |x| / 32767      level = x * (32767 / largest |x|), to nearest, ties to even
//
// A row:  [groups][16 words of two levels, the even k in the low half] [groups] scales [groups] starts
//
// A start is the sum that a group of INT4 begins with, -8 times the sum of its levels of x, which takes
// the 8 away that the levels of weights carry. Behind the last k stand zeros. A group whose scale would
// be below the normal numbers is zeros; one with a number that is not finite has the scale NaN.

#define QUANTIZED_PANEL 16
#define QUANTIZED_GROUP 32
#define FORMAT_INT8 1
#define FORMAT_INT4 2

#define QUANTIZED_PAIRS (QUANTIZED_GROUP / 2)

// Words of a panel that a pair of k takes, for INT8.
#define INT8_PAIR_WORDS 8
#define INT4_WORD_LEVELS 8
#define INT4_WORD_PAIRS 4
#define INT4_GROUP_WORDS (QUANTIZED_PANEL * QUANTIZED_GROUP / INT4_WORD_LEVELS)

// The bits of the pair with the number `pair` of a word of INT4 are those of INT4_PAIR, shifted.
#define INT4_PAIR 0x000f000fu
#define INT4_PAIR_SHIFT(pair) (4 * (pair))

#define ROUNDED_LARGEST 32767.0f
#define ROUNDED_GROUP_WORDS (QUANTIZED_PAIRS + 2)

#if LANES == 1
#define LOAD_PAIRS(pointer) convert_int(*(pointer))
#else
#define LOAD_PAIRS(pointer) JOIN(convert_int, LANES)(JOIN(vload, LANES)(0, (pointer)))
#endif

INLINE int quantized_groups(int k) { return (k + QUANTIZED_GROUP - 1) / QUANTIZED_GROUP; }

INLINE int quantized_pairs(int k) { return quantized_groups(k) * QUANTIZED_PAIRS; }

// Where the levels of a panel begin.
INLINE const __global char* int8_panel(const_global_floats words, int panel, int k) {
  return (const __global char*)(words + (size_t)panel * quantized_pairs(k) * INT8_PAIR_WORDS);
}

INLINE const_global_floats int4_panel(const_global_floats words, int panel, int k) {
  return words + (size_t)panel * quantized_groups(k) * INT4_GROUP_WORDS;
}

// Where the level of k = i is in its word of INT4.
INLINE int int4_shift(int i) {
  return INT4_PAIR_SHIFT(i % INT4_WORD_LEVELS / 2) + (i % 2 ? 16 : 0);
}

// Of a row of the length k that was rounded.
INLINE int rounded_words(int k) { return quantized_groups(k) * ROUNDED_GROUP_WORDS; }

// The weights of LANES outputs of a panel, from `lane` on, at k = i.
INLINE vec quantized_weights(
    const_global_floats words, const_global_floats scales, int format, int panel, int lane, int i,
    int k) {
  if (format == FORMAT_INT8) {
    const __global short* pairs = (const __global short*)int8_panel(words, panel, k);
    ivec two = LOAD_PAIRS(pairs + (size_t)(i / 2) * QUANTIZED_PANEL + lane);
    ivec level = i % 2 ? two >> 8 : (two << 24) >> 24;
    return TO_VEC(level) * LOAD(scales + panel * QUANTIZED_PANEL + lane);
  }
  size_t row = (size_t)i / INT4_WORD_LEVELS * QUANTIZED_PANEL;
  uvec word = AS_UVEC(LOAD(int4_panel(words, panel, k) + row + lane));
  size_t group = (size_t)panel * quantized_groups(k) + i / QUANTIZED_GROUP;
  vec level = TO_VEC((word >> (uint)int4_shift(i)) & (uvec)(15)) - (vec)(8.0f);
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
      const __global char* pairs = int8_panel(words, panel, k) + 2 * lane;
      float scale = scales[(int)id];
      FOR_WEIGHTS(i, k) {
        out[i] = (float)pairs[(size_t)(i / 2) * 2 * QUANTIZED_PANEL + i % 2] * scale;
      }
    } else {
      const_global_floats panel_words = int4_panel(words, panel, k) + lane;
      size_t group = (size_t)panel * quantized_groups(k);
      FOR_WEIGHTS(i, k) {
        uint word = as_uint(panel_words[(size_t)(i / INT4_WORD_LEVELS) * QUANTIZED_PANEL]);
        int level = (int)((word >> int4_shift(i)) & 15u) - 8;
        out[i] = (float)level * scales[(group + i / QUANTIZED_GROUP) * QUANTIZED_PANEL + lane];
      }
    }
  }
}
