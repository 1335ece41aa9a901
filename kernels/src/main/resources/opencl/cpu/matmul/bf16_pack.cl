// Operands of a product in bf16, packed once for all its tiles. A line is a row of A or a column of B.
//
//   blocks [lines / 32][k / 32], behind each other; a block is two tiles of 16 lines, a tile 16 × 16
//   words of two k each:
//
//     A: word (line, pair)            B: word (pair, line)
//
//     pair p of the 32 k:   low half               high half
//       UNIT_PAIRS          4p + 2,                4p               of 8 pairs, the even chain, then
//                           4(p - 8) + 3           4(p - 8) + 1     of 8, the odd one
//       other units         2p                     2p + 1
//
// Lines and k are filled up with zeros. Values are rounded to nearest, ties to even; what is below the
// normal numbers is zero, as for the units that need no widening; NaNs stay.

#define BF16_BLOCK 32
#define BF16_BLOCK_WORDS 512
#define BF16_TILE_LINES 16
#define BF16_LINE_WORDS 16

// The blocks begin on a cache line: a scratch span has room for it.
INLINE __global uint* packed_words(global_floats span) {
  return (__global uint*)(((uintptr_t)span + 63) & ~(uintptr_t)63);
}

INLINE uint16 bf16_in_high_half(float16 x) {
  uint16 bits = as_uint16(x);
  uint16 rounded = (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000;
  rounded = (bits & 0x7f800000) == 0 ? bits & 0x80000000 : rounded;
  return (bits & 0x7fffffff) > 0x7f800000 ? (bits & 0xffff0000) | 0x400000 : rounded;
}

INLINE float16 first_of_16(float16 x, int count) {
  const int16 lane = (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return lane < count ? x : (float16)(0.0f);
}

// The k in the low half of a pair, and in the high one.
INLINE int low_of_pair(int unit, int pair) {
  return unit == UNIT_PAIRS ? pair % 8 * 4 + pair / 8 + 2 : 2 * pair;
}

INLINE int high_of_pair(int unit, int pair) {
  return unit == UNIT_PAIRS ? pair % 8 * 4 + pair / 8 : 2 * pair + 1;
}

// 16 words of one line; `live` floats are there.
INLINE uint16 words_along_k(int unit, const_global_floats from, int live) {
  float16 low = vload16(0, from);
  float16 high = vload16(0, from + 16);
  if (live < BF16_BLOCK) {
    low = first_of_16(low, live);
    high = first_of_16(high, live - 16);
  }
  uint16 a = bf16_in_high_half(low);
  uint16 b = bf16_in_high_half(high);
  uint16 even = (uint16)(a.even, b.even);
  uint16 odd = (uint16)(a.odd, b.odd);
  if (unit == UNIT_PAIRS) {
    return ((uint16)(even.odd, odd.odd) >> 16) | (uint16)(even.even, odd.even);
  }
  return (even >> 16) | odd;
}

// Words of 16 lines, of two k, each of which may be absent.
INLINE uint16 words_across(
    const_global_floats of_low, const_global_floats of_high, int live) {
  float16 low = of_low ? vload16(0, of_low) : (float16)(0.0f);
  float16 high = of_high ? vload16(0, of_high) : (float16)(0.0f);
  if (live < BF16_TILE_LINES) {
    low = first_of_16(low, live);
    high = first_of_16(high, live);
  }
  return (bf16_in_high_half(low) >> 16) | bf16_in_high_half(high);
}

typedef uint loose_words __attribute__((ext_vector_type(16), aligned(64)));

INLINE void put_words(uint16 words, __global uint* to) { *(__global loose_words*)to = words; }

// Swaps lines and pairs of a tile.
INLINE void transpose_tile(__global uint* tile) {
  global_floats words = (global_floats)tile;
  float8 quarters[2][8];
#pragma unroll
  for (int turn = 0; turn < 3; turn++) {
    // The upper left quarter, the lower right one, then the other two, which change places.
    int row = turn == 1 ? 8 : 0;
    int column = turn == 0 ? 0 : 8;
    for (int other = 0; other < (turn == 2 ? 2 : 1); other++) {
      global_floats q = words + (other ? column : row) * 16 + (other ? row : column);
      float8 r0 = vload8(0, q), r1 = vload8(0, q + 16), r2 = vload8(0, q + 32);
      float8 r3 = vload8(0, q + 48), r4 = vload8(0, q + 64), r5 = vload8(0, q + 80);
      float8 r6 = vload8(0, q + 96), r7 = vload8(0, q + 112);
      TRANSPOSE_8X8(r0, r1, r2, r3, r4, r5, r6, r7)
      quarters[other][0] = r0;
      quarters[other][1] = r1;
      quarters[other][2] = r2;
      quarters[other][3] = r3;
      quarters[other][4] = r4;
      quarters[other][5] = r5;
      quarters[other][6] = r6;
      quarters[other][7] = r7;
    }
    for (int other = 0; other < (turn == 2 ? 2 : 1); other++) {
      // Written where the other one was read.
      bool swapped = turn == 2 && !other;
      global_floats q = words + (swapped ? column : row) * 16 + (swapped ? row : column);
      for (int i = 0; i < 8; i++) {
        vstore8(quarters[other][i], 0, q + i * 16);
      }
    }
  }
}

// Blocks of a packed matrix, a command's tile of them: lines [first_line, end_line) and depths
// [first_depth, end_depth), in blocks.
typedef struct {
  __global uint* packed;
  int depth_blocks;
  int first_line, end_line;
  int first_depth, end_depth;
  int unit;
} PackedPart;

INLINE __global uint* packed_tile(const PackedPart* part, int line, int depth) {
  int block = line / BF16_BLOCK;
  return part->packed + ((size_t)block * part->depth_blocks + depth) * BF16_BLOCK_WORDS
      + line % BF16_BLOCK / BF16_TILE_LINES * (BF16_BLOCK_WORDS / 2);
}

// The k of a line are neighbours in memory: line by line, of as many k that what is written stays in
// the nearest cache until its blocks are full.
#define BF16_PACK_DEPTHS 16

INLINE void pack_along_k(
    const PackedPart* part, const_global_floats source, int stride, int lines, int depth) {
  for (int d0 = part->first_depth; d0 < part->end_depth; d0 += BF16_PACK_DEPTHS) {
    int end_depth = min(part->end_depth, d0 + BF16_PACK_DEPTHS);
    for (int line = part->first_line * BF16_BLOCK; line < part->end_line * BF16_BLOCK; line++) {
      const_global_floats from = source + (size_t)line * stride;
      for (int d = d0; d < end_depth; d++) {
        __global uint* to = packed_tile(part, line, d) + line % BF16_TILE_LINES * BF16_LINE_WORDS;
        int live = line < lines ? depth - d * BF16_BLOCK : 0;
        if (live > 0) {
          PREFETCH(from + d * BF16_BLOCK);
          PREFETCH(from + d * BF16_BLOCK + 16);
        }
        if (part->unit != UNIT_VECTORS && live >= BF16_BLOCK) {
          convert_along_k(part->unit, from + d * BF16_BLOCK, to);
        } else {
          put_words(
              live > 0 ? words_along_k(part->unit, from + d * BF16_BLOCK, live) : (uint16)(0), to);
        }
      }
    }
  }
}

// The lines of a k are neighbours in memory: two k at a time, in the order of memory.
INLINE void pack_across(
    const PackedPart* part, const_global_floats source, int stride, int lines, int depth) {
  int unit = part->unit;
  size_t line_words = (size_t)part->depth_blocks * BF16_BLOCK_WORDS;
  for (int d = part->first_depth; d < part->end_depth; d++) {
    __global uint* tile = packed_tile(part, part->first_line * BF16_BLOCK, d);
    const_global_floats rows = source + (size_t)d * BF16_BLOCK * stride;
    int live_rows = depth - d * BF16_BLOCK;
    for (int i = 0; i < BF16_LINE_WORDS; i++) {
      int pair = unit == UNIT_PAIRS ? i / 2 + i % 2 * 8 : i;
      int low = low_of_pair(unit, pair);
      int high = high_of_pair(unit, pair);
      const_global_floats of_low = rows + (size_t)low * stride;
      const_global_floats of_high = rows + (size_t)high * stride;
      bool has_low = low < live_rows;
      bool has_high = high < live_rows;
      bool whole = unit != UNIT_VECTORS && has_low && has_high;
      __global uint* block = tile + pair * BF16_TILE_LINES;
      for (int first = part->first_line * BF16_BLOCK; first < part->end_line * BF16_BLOCK;
           first += BF16_BLOCK) {
#pragma unroll
        for (int upper = 0; upper < 2; upper++) {
          int line = first + upper * BF16_TILE_LINES;
          __global uint* to = block + upper * (BF16_BLOCK_WORDS / 2);
          int live = lines - line;
          if (live > 0 && has_low && has_high) {
            PREFETCH(of_low + line);
            PREFETCH(of_high + line);
          }
          if (whole && live >= BF16_TILE_LINES) {
            convert_across(of_low + line, of_high + line, to);
          } else {
            const_global_floats absent = 0;
            put_words(
                live > 0 ? words_across(has_low ? of_low + line : absent,
                                        has_high ? of_high + line : absent, live)
                         : (uint16)(0),
                to);
          }
        }
        block += line_words;
      }
    }
  }
}

INLINE void pack_part(
    const PackedPart* part, const_global_floats source, int stride, int lines, int depth,
    bool along_k, bool by_lines) {
  if (along_k) {
    pack_along_k(part, source, stride, lines, depth);
  } else {
    pack_across(part, source, stride, lines, depth);
  }
  if (along_k != by_lines) {
    for (int line = part->first_line * BF16_BLOCK; line < part->end_line * BF16_BLOCK;
         line += BF16_TILE_LINES) {
      for (int d = part->first_depth; d < part->end_depth; d++) {
        transpose_tile(packed_tile(part, line, d));
      }
    }
  }
}

// A tile of the command is a block of lines over all k where the k of a line are neighbours, else one
// block of k over BF16_PACK_LINES blocks of lines: either way memory is read from end to end.
#define BF16_PACK_LINES 8

// arguments: 0 matrix, 2 packed, 4 lines, 5 k, 6 stride, 7 whether the k of a line are neighbours,
//   8 whether words are by lines (A) or by pairs (B), 9 tiles of a matrix, batch strides: 10 of the
//   matrix, 11 of the packed one, 12 unit
INLINE void bf16_pack(const Command* command, int tile) {
  size_t matrix = tile / INT(9);
  tile %= INT(9);
  int lines = INT(4);
  int depth = INT(5);
  bool along_k = INT(7);
  bool by_lines = INT(8);
  int line_blocks = (lines + BF16_BLOCK - 1) / BF16_BLOCK;
  int groups = (line_blocks + BF16_PACK_LINES - 1) / BF16_PACK_LINES;
  const_global_floats source = SPAN(0) + matrix * INT(10);
  PackedPart part;
  part.packed = packed_words(SPAN(2)) + matrix * INT(11);
  part.depth_blocks = (depth + BF16_BLOCK - 1) / BF16_BLOCK;
  part.unit = INT(12);
  if (along_k) {
    part.first_line = tile;
    part.end_line = tile + 1;
    part.first_depth = 0;
    part.end_depth = part.depth_blocks;
  } else {
    part.first_line = tile % groups * BF16_PACK_LINES;
    part.end_line = min(line_blocks, part.first_line + BF16_PACK_LINES);
    part.first_depth = tile / groups;
    part.end_depth = part.first_depth + 1;
  }
  pack_part(&part, source, INT(6), lines, depth, along_k, by_lines);
}
