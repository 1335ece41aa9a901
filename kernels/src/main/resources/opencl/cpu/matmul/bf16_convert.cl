// Conversion to bf16 by the instruction of processors with AVX512_BF16, which those with tiles have, too:
// nearest, ties to even; operands below the normal numbers are zeros; NaNs stay, quiet. Instructions that
// PoCL's LLVM need not know are written as bytes, see bf16_pairs.cl, and only to be reached where
// find_unit() has found another unit than vectors.
//
// What is in bf16 already is widened first, so that it comes out as other numbers do. A tile of 16 lines
// and 32 k is converted whole, and turned in registers where its words are to lie the other way than its
// numbers do.

// The k in the low half of a pair, and in the high one.
INLINE int low_of_pair(int unit, int pair) {
  return unit == UNIT_PAIRS ? pair % 8 * 4 + pair / 8 + 2 : 2 * pair;
}

INLINE int high_of_pair(int unit, int pair) {
  return unit == UNIT_PAIRS ? pair % 8 * 4 + pair / 8 : 2 * pair + 1;
}

#if UNIT_PAIRS_COMPILED

// The order of 16-bit halves in a register:
//   of 32 k, those of the chains as pairs take them
__constant ushort BY_CHAINS[32] = {2, 0, 6, 4, 10, 8, 14, 12, 18, 16, 22, 20, 26, 24, 30, 28,
                                   3, 1, 7, 5, 11, 9, 15, 13, 19, 17, 23, 21, 27, 25, 31, 29};
//   of 32 k, those of neighbours
__constant ushort IN_ORDER[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                  16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
//   of two k of 16 lines, in turn
__constant ushort IN_TURN[32] = {0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
                                 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};

// vcvtne2ps2bf16: register c = the floats of register low, behind them those of register 16.
#define TO_BF16(c, low)                                                                            \
  ".byte 0x62, 0xf2 ^ ((" #c " & 8) << 4) ^ (" #c " & 16) ^ ((" #low " & 16) << 2) ^ ((" #low       \
  " & 8) << 2), 0x7f, 0x40, 0x72, 0xc0 | ((" #c " & 7) << 3) | (" #low " & 7)\n\t"

// vpermw: the halves of register c in the order of register 17.
#define ORDER_HALVES(c)                                                                            \
  ".byte 0x62, 0xf2 ^ ((" #c " & 8) << 4) ^ (" #c " & 16) ^ ((" #c " & 16) << 2) ^ ((" #c           \
  " & 8) << 2), 0xf5, 0x40, 0x8d, 0xc0 | ((" #c " & 7) << 3) | (" #c " & 7)\n\t"

#define OF_TWO(instruction, to, a, b) instruction " %%zmm" #b ",%%zmm" #a ",%%zmm" #to "\n\t"

// Turns four by four words in each quarter of registers a to d; e to h are free.
#define TURN_WORDS(a, b, c, d, e, f, g, h)                        \
  OF_TWO("vpunpckldq", e, a, b) OF_TWO("vpunpckhdq", f, a, b)     \
  OF_TWO("vpunpckldq", g, c, d) OF_TWO("vpunpckhdq", h, c, d)     \
  OF_TWO("vpunpcklqdq", a, e, g) OF_TWO("vpunpckhqdq", b, e, g)   \
  OF_TWO("vpunpcklqdq", c, f, h) OF_TWO("vpunpckhqdq", d, f, h)

// Turns four by four quarters of registers a to d; e to h are free.
#define TURN_QUARTERS(a, b, c, d, e, f, g, h)                                  \
  OF_TWO("vshufi32x4 $0x88,", e, a, b) OF_TWO("vshufi32x4 $0xdd,", f, a, b)    \
  OF_TWO("vshufi32x4 $0x88,", g, c, d) OF_TWO("vshufi32x4 $0xdd,", h, c, d)    \
  OF_TWO("vshufi32x4 $0x88,", a, e, g) OF_TWO("vshufi32x4 $0x88,", b, f, h)    \
  OF_TWO("vshufi32x4 $0xdd,", c, e, g) OF_TWO("vshufi32x4 $0xdd,", d, f, h)

#define FOR_TILE(WORDS)                                                                        \
  WORDS(0) WORDS(1) WORDS(2) WORDS(3) WORDS(4) WORDS(5) WORDS(6) WORDS(7)                       \
  WORDS(8) WORDS(9) WORDS(10) WORDS(11) WORDS(12) WORDS(13) WORDS(14) WORDS(15)

#define STORE_WORDS(r) "vmovups %%zmm" #r ",64*" #r "(%[to])\n\t"
#define STREAM_WORDS(r) "vmovntps %%zmm" #r ",64*" #r "(%[to])\n\t"

// Registers 0 to 15 of 16 words, turned if asked, are the tile; streamed words go past the caches.
#define STORE_TILE                                                                              \
  "test %[turned],%[turned]\n\t"                                                                \
  "jz 1f\n\t"                                                                                   \
  TURN_WORDS(0, 1, 2, 3, 16, 17, 18, 19) TURN_WORDS(4, 5, 6, 7, 20, 21, 22, 23)                 \
  TURN_WORDS(8, 9, 10, 11, 24, 25, 26, 27) TURN_WORDS(12, 13, 14, 15, 28, 29, 30, 31)           \
  TURN_QUARTERS(0, 4, 8, 12, 16, 17, 18, 19) TURN_QUARTERS(1, 5, 9, 13, 20, 21, 22, 23)         \
  TURN_QUARTERS(2, 6, 10, 14, 24, 25, 26, 27) TURN_QUARTERS(3, 7, 11, 15, 28, 29, 30, 31)       \
  "1:\n\t"                                                                                      \
  "test %[streamed],%[streamed]\n\t"                                                            \
  "jz 2f\n\t"                                                                                   \
  FOR_TILE(STREAM_WORDS)                                                                        \
  "jmp 3f\n\t"                                                                                  \
  "2:\n\t"                                                                                      \
  FOR_TILE(STORE_WORDS)                                                                         \
  "3:\n\t"

#define TILE_REGISTERS                                                                         \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",     \
  "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "xmm16", "xmm17", "xmm18", "xmm19", "xmm20",    \
  "xmm21", "xmm22", "xmm23", "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30",    \
  "xmm31"

// Register r = 16 numbers, `at` of them behind an address, as floats.
#define LOAD_FLOATS(r, at, address) "vmovups " #at "*4(%[" #address "]),%%zmm" #r "\n\t"
#define LOAD_HALVES(r, at, address)                       \
  "vpmovzxwd " #at "*2(%[" #address "]),%%zmm" #r "\n\t"  \
  "vpslld $16,%%zmm" #r ",%%zmm" #r "\n\t"

// 32 k of one line, and on to the next line.
#define WORDS_ALONG_K(LOAD_NUMBERS, r)                 \
  LOAD_NUMBERS(r, 0, from) LOAD_NUMBERS(16, 16, from)  \
  "add %[stride],%[from]\n\t"                          \
  TO_BF16(r, r) ORDER_HALVES(r)
#define FLOATS_ALONG_K(r) WORDS_ALONG_K(LOAD_FLOATS, r)
#define HALVES_ALONG_K(r) WORDS_ALONG_K(LOAD_HALVES, r)

#define CONVERT_ALONG_K(WORDS)                                                                      \
  __asm__ volatile(                                                                                 \
      "vmovups (%[order]),%%zmm17\n\t"                                                              \
      FOR_TILE(WORDS)                                                                               \
      STORE_TILE                                                                                    \
      : [from] "+&r"(from)                                                                          \
      : [stride] "r"((long)stride * (halved ? 2 : 4)),                                              \
        [order] "r"(unit == UNIT_PAIRS ? BY_CHAINS : IN_ORDER), [turned] "r"((int)turned),          \
        [streamed] "r"((int)streamed), [to] "r"(to)                                                 \
      : "memory", "cc", TILE_REGISTERS)

// A tile of lines `stride` apart, whose k are neighbours: word (line, pair), turned (pair, line).
INLINE void convert_along_k(
    int unit, stored_numbers from, int stride, bool halved, bool turned, bool streamed,
    __global uint* to) {
  if (halved) {
    CONVERT_ALONG_K(HALVES_ALONG_K);
  } else {
    CONVERT_ALONG_K(FLOATS_ALONG_K);
  }
}

// A pair of k of 16 lines, and on to the pair after it.
#define WORDS_ACROSS(LOAD_NUMBERS, r, low, high)     \
  LOAD_NUMBERS(r, 0, low) LOAD_NUMBERS(16, 0, high)  \
  "add %[onwards],%[" #low "]\n\t"                   \
  "add %[onwards],%[" #high "]\n\t"                  \
  TO_BF16(r, r) ORDER_HALVES(r)

#define TWO_ACROSS(LOAD_NUMBERS, r, s)                  \
  WORDS_ACROSS(LOAD_NUMBERS, r, first_low, first_high)  \
  WORDS_ACROSS(LOAD_NUMBERS, s, last_low, last_high)

#define CONVERT_ACROSS(LOAD_NUMBERS)                                                                \
  __asm__ volatile(                                                                                 \
      "vmovups (%[order]),%%zmm17\n\t"                                                              \
      TWO_ACROSS(LOAD_NUMBERS, 0, 8) TWO_ACROSS(LOAD_NUMBERS, 1, 9)                                 \
      TWO_ACROSS(LOAD_NUMBERS, 2, 10) TWO_ACROSS(LOAD_NUMBERS, 3, 11)                               \
      TWO_ACROSS(LOAD_NUMBERS, 4, 12) TWO_ACROSS(LOAD_NUMBERS, 5, 13)                               \
      TWO_ACROSS(LOAD_NUMBERS, 6, 14) TWO_ACROSS(LOAD_NUMBERS, 7, 15)                               \
      STORE_TILE                                                                                    \
      : [first_low] "+&r"(first_low), [first_high] "+&r"(first_high), [last_low] "+&r"(last_low),   \
        [last_high] "+&r"(last_high)                                                                \
      : [onwards] "r"(onwards), [order] "r"(IN_TURN), [turned] "r"((int)turned),                    \
        [streamed] "r"((int)streamed), [to] "r"(to)                                                 \
      : "memory", "cc", TILE_REGISTERS)

// A tile of k `stride` apart, whose lines are neighbours: word (pair, line), turned (line, pair). Eight
// pairs follow the first one, and eight the ninth.
INLINE void convert_across(
    int unit, stored_numbers from, int stride, bool halved, bool turned, bool streamed,
    __global uint* to) {
  stored_numbers first_low = numbers_from(from, low_of_pair(unit, 0) * (size_t)stride, halved);
  stored_numbers first_high = numbers_from(from, high_of_pair(unit, 0) * (size_t)stride, halved);
  stored_numbers last_low = numbers_from(from, low_of_pair(unit, 8) * (size_t)stride, halved);
  stored_numbers last_high = numbers_from(from, high_of_pair(unit, 8) * (size_t)stride, halved);
  int pair = low_of_pair(unit, 1) - low_of_pair(unit, 0);
  long onwards = (long)pair * stride * (halved ? 2 : 4);
  if (halved) {
    CONVERT_ACROSS(LOAD_HALVES);
  } else {
    CONVERT_ACROSS(LOAD_FLOATS);
  }
}

// Streamed words are in memory before anything that follows.
INLINE void finish_streaming(void) { __asm__ volatile("sfence" ::: "memory"); }

#else

INLINE void finish_streaming(void) {}

INLINE void convert_along_k(
    int unit, stored_numbers from, int stride, bool halved, bool turned, bool streamed,
    __global uint* to) {}

INLINE void convert_across(
    int unit, stored_numbers from, int stride, bool halved, bool turned, bool streamed,
    __global uint* to) {}

#endif
