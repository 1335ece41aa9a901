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

INLINE float16 load_16(stored_numbers from, bool halved) {
  if (halved) {
    return as_float16(convert_uint16(vload16(0, from)) << 16);
  }
  return vload16(0, (const_global_floats)from);
}

// 16 words of one line; `live` numbers are there.
INLINE uint16 words_along_k(int unit, stored_numbers from, bool halved, int live) {
  float16 low = load_16(from, halved);
  float16 high = load_16(numbers_from(from, 16, halved), halved);
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
    stored_numbers of_low, stored_numbers of_high, bool halved, int live) {
  float16 low = of_low ? load_16(of_low, halved) : (float16)(0.0f);
  float16 high = of_high ? load_16(of_high, halved) : (float16)(0.0f);
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
      float8 r0 = HALVES_OF(q, q + 64), r1 = HALVES_OF(q + 16, q + 80);
      float8 r2 = HALVES_OF(q + 32, q + 96), r3 = HALVES_OF(q + 48, q + 112);
      float8 r4 = HALVES_OF(q + 4, q + 68), r5 = HALVES_OF(q + 20, q + 84);
      float8 r6 = HALVES_OF(q + 36, q + 100), r7 = HALVES_OF(q + 52, q + 116);
      TRANSPOSE_4X4(r0, r1, r2, r3)
      TRANSPOSE_4X4(r4, r5, r6, r7)
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
  bool streamed;  // past the caches
  bool halved;    // what is packed is stored in bf16
} PackedPart;

INLINE __global uint* packed_tile(const PackedPart* part, int line, int depth) {
  int block = line / BF16_BLOCK;
  return part->packed + ((size_t)block * part->depth_blocks + depth) * BF16_BLOCK_WORDS
      + line % BF16_BLOCK / BF16_TILE_LINES * (BF16_BLOCK_WORDS / 2);
}

// A tile at an edge, of which `lines` and `depth` k are there, and any tile for vectors.
INLINE void pack_edge(
    int unit, stored_numbers from, int stride, bool halved, int lines, int depth, bool along_k,
    bool turned, __global uint* to) {
  stored_numbers absent = 0;
  for (int i = 0; i < BF16_TILE_LINES; i++) {
    uint16 words = (uint16)(0);
    if (along_k && i < lines && depth > 0) {
      stored_numbers line = numbers_from(from, (size_t)i * stride, halved);
      PREFETCH((const_global_floats)line);
      PREFETCH((const_global_floats)numbers_from(line, BF16_TILE_LINES, halved));
      words = words_along_k(unit, line, halved, depth);
    } else if (!along_k && lines > 0) {
      int low = low_of_pair(unit, i);
      int high = high_of_pair(unit, i);
      stored_numbers of_low = numbers_from(from, (size_t)low * stride, halved);
      stored_numbers of_high = numbers_from(from, (size_t)high * stride, halved);
      PREFETCH((const_global_floats)of_low);
      PREFETCH((const_global_floats)of_high);
      words = words_across(
          low < depth ? of_low : absent, high < depth ? of_high : absent, halved, lines);
    }
    put_words(words, to + i * BF16_LINE_WORDS);
  }
  if (turned) {
    transpose_tile(to);
  }
}

INLINE void pack_tile(
    const PackedPart* part, stored_numbers source, int stride, int lines, int depth,
    bool along_k, bool by_lines, int line, int block) {
  int k = block * BF16_BLOCK;
  bool halved = part->halved;
  stored_numbers from = numbers_from(
      source, along_k ? (size_t)line * stride + k : (size_t)k * stride + line, halved);
  __global uint* to = packed_tile(part, line, block);
  bool whole = line + BF16_TILE_LINES <= lines && k + BF16_BLOCK <= depth;
  bool turned = along_k != by_lines;
  if (!UNIT_PAIRS_COMPILED || part->unit == UNIT_VECTORS || !whole) {
    pack_edge(part->unit, from, stride, halved, lines - line, depth - k, along_k, turned, to);
  } else if (along_k) {
    convert_along_k(part->unit, from, stride, halved, turned, part->streamed, to);
  } else {
    convert_across(part->unit, from, stride, halved, turned, part->streamed, to);
  }
}

// In the order of memory. Whole tiles are not prefetched: they are converted so fast that processors ask
// for the next ones by themselves, and prefetching slowed them down.
INLINE void pack_part(
    const PackedPart* part, stored_numbers source, int stride, int lines, int depth,
    bool along_k, bool by_lines) {
  int first_line = part->first_line * BF16_BLOCK;
  int end_line = part->end_line * BF16_BLOCK;
  if (along_k) {
    for (int line = first_line; line < end_line; line += BF16_TILE_LINES) {
      for (int block = part->first_depth; block < part->end_depth; block++) {
        pack_tile(part, source, stride, lines, depth, true, by_lines, line, block);
      }
    }
  } else {
    for (int block = part->first_depth; block < part->end_depth; block++) {
      for (int line = first_line; line < end_line; line += BF16_TILE_LINES) {
        pack_tile(part, source, stride, lines, depth, false, by_lines, line, block);
      }
    }
  }
}

// A tile of the command is a block of lines over all k where the k of a line are neighbours, else one
// block of k over BF16_PACK_LINES blocks of lines: either way memory is read from end to end.
#define BF16_PACK_LINES 8

// From this size on, a packed matrix is written past the caches, which would lose it before it is read. Only
// by pairs: nobody has measured it on a processor with tiles.
#define BF16_STREAMED_WORDS (1 << 23)

// arguments: 0 matrix, 2 packed, 4 lines, 5 k, 6 stride, 7 whether the k of a line are neighbours,
//   8 whether words are by lines (A) or by pairs (B), 9 tiles of a matrix, batch strides: 10 of the
//   matrix, 11 of the packed one, 12 unit, 13 whether the matrix is stored in bf16
INLINE void bf16_pack(const Command* command, int tile) {
  size_t matrix = tile / INT(9);
  tile %= INT(9);
  int lines = INT(4);
  int depth = INT(5);
  bool along_k = INT(7);
  bool by_lines = INT(8);
  int line_blocks = (lines + BF16_BLOCK - 1) / BF16_BLOCK;
  int groups = (line_blocks + BF16_PACK_LINES - 1) / BF16_PACK_LINES;
  PackedPart part;
  part.halved = INT(13);
  stored_numbers source = numbers_from(numbers_of(SPAN(0)), matrix * INT(10), part.halved);
  part.packed = packed_words(SPAN(2)) + matrix * INT(11);
  part.depth_blocks = (depth + BF16_BLOCK - 1) / BF16_BLOCK;
  part.unit = INT(12);
  size_t words = (size_t)line_blocks * part.depth_blocks * BF16_BLOCK_WORDS;
  part.streamed = part.unit == UNIT_PAIRS && words >= BF16_STREAMED_WORDS;
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
  if (part.streamed) {
    finish_streaming();
  }
}
