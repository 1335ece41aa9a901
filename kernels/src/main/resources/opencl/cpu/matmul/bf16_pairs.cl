// The dot product of pairs (AVX512_BF16): each float of a sum takes the two bf16 of a word of A and of a
// word of B, in two steps that are rounded like fma, where operands and results below the normal numbers
// are zero:
//
//   sum = fma(low a, low b, fma(high a, high b, sum))
//
// So with the k of a chain in a word's halves, the high one first, two steps of a chain are one
// instruction; bf16_pack.cl packs them so. A strip of 4 rows and 32 columns of C stays in registers:
//
//               columns 0-15      16-31
//   row r       sums   16 + 2r    17 + 2r      registers of 16 floats; 28 and 29 hold a word of A for all
//               even    0 + 2r     1 + 2r      columns, 24 to 27 those of B:
//               odd     8 + 2r     9 + 2r      24, 25 of the even chains, 26, 27 of the odd ones
//
// PoCL 3.1 does not compile the instruction for processors that its LLVM does not know, so it is written
// as bytes, which the assembler computes from the numbers of the registers.

#define MULTIPLY_ROWS 4

// Rows of bytes, of which prefetch_rows asks for the next lines, in order.
typedef struct {
  uintptr_t row;
  size_t stride;
  int rows;      // from `row` on
  int lines;     // of a row
  int line;      // of `row`, the next one
  int at_a_time;
} RowsAhead;

// What is read after a block is multiplied: packed blocks of the same size, the sums if they lie far off,
// and what is packed next.
typedef struct {
  const __global uint* a;
  const __global uint* b;
  bool far_sums;
  RowsAhead* stored;
} Ahead;

#if UNIT_PAIRS_COMPILED

// Register c += pairs of registers a and b.
#define ADD_PAIRS(c, a, b)                                                                    \
  ".byte 0x62, 0xf2 ^ ((" #c " & 8) << 4) ^ (" #c " & 16) ^ ((" #b " & 16) << 2) ^ ((" #b      \
  " & 8) << 2), 0x7e ^ ((" #a " & 15) << 3), 0x48 ^ ((" #a " & 16) >> 1), 0x52, "              \
  "0xc0 | ((" #c " & 7) << 3) | (" #b " & 7)\n\t"

#define CLEAR(r) "vpxord %%zmm" #r ",%%zmm" #r ",%%zmm" #r "\n\t"

// A word of each chain of row r, times those of 32 columns.
#define PAIRS_OF_ROW(r, even0, even1, odd0, odd1) \
  "vbroadcastss " #r "*64(%[a]),%%zmm28\n\t"      \
  "vbroadcastss " #r "*64+32(%[a]),%%zmm29\n\t"   \
  ADD_PAIRS(even0, 28, 24)                        \
  ADD_PAIRS(even1, 28, 25)                        \
  ADD_PAIRS(odd0, 29, 26)                         \
  ADD_PAIRS(odd1, 29, 27)

// sum = sum + (even + odd)
#define ADD_CHAINS(even, odd, sum)                         \
  "vaddps %%zmm" #odd ",%%zmm" #even ",%%zmm" #even "\n\t" \
  "vaddps %%zmm" #even ",%%zmm" #sum ",%%zmm" #sum "\n\t"

#define QUARTER_BYTES BF16_BLOCK_WORDS  // of a block of 32 k

// Four rows of multiply_by_pairs. The sums begin with those at `from`, whose rows lie from_bytes apart. With
// each pair a line is prefetched that lies `ahead` bytes behind that of B: a quarter of as many blocks.
//
// In bytes: a block of 32 k has 2048; a line of A 64, the odd chain's words behind 32; of B, 16 columns
// have 1024, a pair of them 64, and the odd chain's pairs lie behind 512.
INLINE void multiply_rows_by_pairs(
    const __global uint* a, const __global uint* b, const_global_floats from, long from_bytes,
    global_floats c, long row_bytes, long steps, long ahead) {
  long pairs;
  __asm__ volatile(
      "vmovups (%[from]),%%zmm16\n\t"
      "vmovups 64(%[from]),%%zmm17\n\t"
      "vmovups (%[from],%[from_bytes]),%%zmm18\n\t"
      "vmovups 64(%[from],%[from_bytes]),%%zmm19\n\t"
      "lea (%[from],%[from_bytes],2),%[from]\n\t"
      "vmovups (%[from]),%%zmm20\n\t"
      "vmovups 64(%[from]),%%zmm21\n\t"
      "vmovups (%[from],%[from_bytes]),%%zmm22\n\t"
      "vmovups 64(%[from],%[from_bytes]),%%zmm23\n\t"
      "test %[steps],%[steps]\n\t"
      "jz 3f\n\t"
      "1:\n\t"
      CLEAR(0) CLEAR(1) CLEAR(2) CLEAR(3) CLEAR(4) CLEAR(5) CLEAR(6) CLEAR(7)
      CLEAR(8) CLEAR(9) CLEAR(10) CLEAR(11) CLEAR(12) CLEAR(13) CLEAR(14) CLEAR(15)
      "mov $8,%[pairs]\n\t"
      "2:\n\t"
      "vmovups (%[b]),%%zmm24\n\t"
      "vmovups 1024(%[b]),%%zmm25\n\t"
      "vmovups 512(%[b]),%%zmm26\n\t"
      "vmovups 1536(%[b]),%%zmm27\n\t"
      "prefetcht0 (%[b],%[ahead])\n\t"
      PAIRS_OF_ROW(0, 0, 1, 8, 9)
      PAIRS_OF_ROW(1, 2, 3, 10, 11)
      PAIRS_OF_ROW(2, 4, 5, 12, 13)
      PAIRS_OF_ROW(3, 6, 7, 14, 15)
      "add $4,%[a]\n\t"
      "add $64,%[b]\n\t"
      "dec %[pairs]\n\t"
      "jnz 2b\n\t"
      "add $2048-32,%[a]\n\t"
      "add $2048-512,%[b]\n\t"
      ADD_CHAINS(0, 8, 16) ADD_CHAINS(1, 9, 17) ADD_CHAINS(2, 10, 18) ADD_CHAINS(3, 11, 19)
      ADD_CHAINS(4, 12, 20) ADD_CHAINS(5, 13, 21) ADD_CHAINS(6, 14, 22) ADD_CHAINS(7, 15, 23)
      "dec %[steps]\n\t"
      "jnz 1b\n\t"
      "3:\n\t"
      "vmovups %%zmm16,(%[c])\n\t"
      "vmovups %%zmm17,64(%[c])\n\t"
      "vmovups %%zmm18,(%[c],%[row_bytes])\n\t"
      "vmovups %%zmm19,64(%[c],%[row_bytes])\n\t"
      "lea (%[c],%[row_bytes],2),%[c]\n\t"
      "vmovups %%zmm20,(%[c])\n\t"
      "vmovups %%zmm21,64(%[c])\n\t"
      "vmovups %%zmm22,(%[c],%[row_bytes])\n\t"
      "vmovups %%zmm23,64(%[c],%[row_bytes])"
      : [a] "+&r"(a), [b] "+&r"(b), [steps] "+&r"(steps), [pairs] "=&r"(pairs), [from] "+&r"(from),
        [c] "+&r"(c)
      : [from_bytes] "r"(from_bytes), [row_bytes] "r"(row_bytes), [ahead] "r"(ahead)
      : "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",
        "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "xmm16", "xmm17", "xmm18",
        "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25", "xmm26", "xmm27", "xmm28",
        "xmm29");
}

__constant float NO_SUMS[BF16_BLOCK] = {0};

// Sums of the rows that are multiplied two times from now: in this block of C or in that on its right.
INLINE void prefetch_sums(global_floats c, int row, int r) {
  int next = r + 2 * MULTIPLY_ROWS;
  global_floats sums = c + (size_t)(next % BF16_BLOCK) * row + next / BF16_BLOCK * BF16_BLOCK;
  for (int i = 0; i < MULTIPLY_ROWS; i++) {
    __builtin_prefetch((const void*)(uintptr_t)(sums + (size_t)i * row), 1, 3);
    __builtin_prefetch((const void*)(uintptr_t)(sums + (size_t)i * row + BF16_BLOCK / 2), 1, 3);
  }
}

// Into the second cache, since packing has room for little else in the first.
INLINE void prefetch_rows(RowsAhead* ahead) {
  for (int i = 0; i < ahead->at_a_time && ahead->rows > 0; i++) {
    PREFETCH_OUTER((const char*)ahead->row + ahead->line * 64);
    if (++ahead->line == ahead->lines) {
      ahead->line = 0;
      ahead->row += ahead->stride;
      ahead->rows--;
    }
  }
}

// c[32, 32] (+)= A B over `steps` blocks of 32 k, as multiply_by_tiles has it; to be called while
// results are flushed, see begin_flushing. Meanwhile what is read after it comes nearer: of the packed
// blocks those of A by the first half of the rows, those of B by the second.
INLINE void multiply_by_pairs(
    const __global uint* a, const __global uint* b, global_floats c, int row, int steps, bool add,
    Ahead ahead) {
  const_global_floats none = (const_global_floats)(uintptr_t)NO_SUMS;
  long ahead_a = (long)((uintptr_t)ahead.a - (uintptr_t)b);
  long ahead_b = (long)((uintptr_t)ahead.b - (uintptr_t)b);
  for (int r = 0; r < BF16_BLOCK; r += MULTIPLY_ROWS) {
    global_floats rows = c + (size_t)r * row;
    long lines = (r < BF16_BLOCK / 2 ? ahead_a : ahead_b) + r / MULTIPLY_ROWS % 4 * QUARTER_BYTES;
    if (ahead.far_sums) {
      prefetch_sums(c, row, r);
    }
    prefetch_rows(ahead.stored);
    multiply_rows_by_pairs(
        a + r * BF16_LINE_WORDS, b, add ? rows : none, add ? (long)row * 4 : 0, rows,
        (long)row * 4, steps, lines);
  }
}

#else

INLINE void multiply_by_pairs(
    const __global uint* a, const __global uint* b, global_floats c, int row, int steps, bool add,
    Ahead ahead) {}

#endif
