// The matrix unit of x86 processors (AMX): eight tiles of 16 rows of 64 bytes.
//
//   tile 0 | tile 1     32 × 32 sums            tile 4, tile 5   32 rows of A, 32 of k
//   tile 2 | tile 3                             tile 6, tile 7   32 columns of B, 32 of k
//
// PoCL 3.1 compiles neither the intrinsics nor, for every processor, the mnemonics, so instructions
// are written as bytes.

#if defined(__x86_64__) && defined(__linux__)

typedef struct {
  uchar palette, start;
  uchar reserved[14];
  ushort row_bytes[16];
  uchar rows[16];
} TileConfiguration;

#define TILE_WORDS 256

INLINE void begin_tiles(void) {
  TileConfiguration all;
  all.palette = 1;
  all.start = 0;
  for (int i = 0; i < 14; i++) {
    all.reserved[i] = 0;
  }
  for (int i = 0; i < 16; i++) {
    all.row_bytes[i] = i < 8 ? 64 : 0;
    all.rows[i] = i < 8 ? 16 : 0;
  }
  __asm__ volatile(".byte 0xc4,0xe2,0x78,0x49,0x00" ::"a"(&all) : "memory");  // ldtilecfg [rax]
}

INLINE void end_tiles(void) {
  __asm__ volatile(".byte 0xc4,0xe2,0x78,0x49,0xc0" ::: "memory");  // tilerelease
}

// c[32, 32] (+)= A B over `steps` blocks of 32 k. Blocks of A and of B are two tiles each, behind
// each other; rows of c are `row` floats apart.
INLINE void multiply_by_tiles(
    const __global uint* a, const __global uint* b, global_floats c, int row, int steps, bool add) {
  long row_bytes = (long)row * 4;
  ulong upper = (ulong)(uintptr_t)c;
  ulong lower = (ulong)(uintptr_t)(c + 16 * (size_t)row);
  if (add) {
    __asm__ volatile(".byte 0xc4,0xe2,0x7b,0x4b,0x04,0x08\n\t"       // tileloadd tmm0, [rax+rcx]
                     ".byte 0xc4,0xe2,0x7b,0x4b,0x4c,0x08,0x40\n\t"  // tileloadd tmm1, [rax+rcx+64]
                     ".byte 0xc4,0xe2,0x7b,0x4b,0x14,0x0a\n\t"       // tileloadd tmm2, [rdx+rcx]
                     ".byte 0xc4,0xe2,0x7b,0x4b,0x5c,0x0a,0x40"      // tileloadd tmm3, [rdx+rcx+64]
                     ::"a"(upper), "d"(lower), "c"(row_bytes)
                     : "memory");
  } else {
    __asm__ volatile(".byte 0xc4,0xe2,0x7b,0x49,0xc0\n\t"  // tilezero tmm0
                     ".byte 0xc4,0xe2,0x7b,0x49,0xc8\n\t"  // tilezero tmm1
                     ".byte 0xc4,0xe2,0x7b,0x49,0xd0\n\t"  // tilezero tmm2
                     ".byte 0xc4,0xe2,0x7b,0x49,0xd8"      // tilezero tmm3
                     ::: "memory");
  }
  for (int step = 0; step < steps; step++) {
    __asm__ volatile(
        ".byte 0xc4,0xe2,0x7b,0x4b,0x34,0x0a\n\t"                      // tileloadd tmm6, [rdx+rcx]
        ".byte 0xc4,0xe2,0x7b,0x4b,0x24,0x08\n\t"                      // tileloadd tmm4, [rax+rcx]
        ".byte 0xc4,0xe2,0x7b,0x4b,0xbc,0x0a,0x00,0x04,0x00,0x00\n\t"  // tileloadd tmm7, [rdx+rcx+1024]
        ".byte 0xc4,0xe2,0x4a,0x5c,0xc4\n\t"                           // tdpbf16ps tmm0, tmm4, tmm6
        ".byte 0xc4,0xe2,0x7b,0x4b,0xac,0x08,0x00,0x04,0x00,0x00\n\t"  // tileloadd tmm5, [rax+rcx+1024]
        ".byte 0xc4,0xe2,0x42,0x5c,0xcc\n\t"                           // tdpbf16ps tmm1, tmm4, tmm7
        ".byte 0xc4,0xe2,0x4a,0x5c,0xd5\n\t"                           // tdpbf16ps tmm2, tmm5, tmm6
        ".byte 0xc4,0xe2,0x42,0x5c,0xdd"                               // tdpbf16ps tmm3, tmm5, tmm7
        ::"a"((ulong)(uintptr_t)a), "d"((ulong)(uintptr_t)b), "c"(64L)
        : "memory");
    a += 2 * TILE_WORDS;
    b += 2 * TILE_WORDS;
  }
  __asm__ volatile(".byte 0xc4,0xe2,0x7a,0x4b,0x04,0x08\n\t"       // tilestored [rax+rcx], tmm0
                   ".byte 0xc4,0xe2,0x7a,0x4b,0x4c,0x08,0x40\n\t"  // tilestored [rax+rcx+64], tmm1
                   ".byte 0xc4,0xe2,0x7a,0x4b,0x14,0x0a\n\t"       // tilestored [rdx+rcx], tmm2
                   ".byte 0xc4,0xe2,0x7a,0x4b,0x5c,0x0a,0x40"      // tilestored [rdx+rcx+64], tmm3
                   ::"a"(upper), "d"(lower), "c"(row_bytes)
                   : "memory");
}

#else

INLINE void begin_tiles(void) {}

INLINE void end_tiles(void) {}

INLINE void multiply_by_tiles(
    const __global uint* a, const __global uint* b, global_floats c, int row, int steps, bool add) {
}

#endif
