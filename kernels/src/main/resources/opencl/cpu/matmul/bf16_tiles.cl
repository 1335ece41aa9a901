// The matrix unit of x86 processors (AMX): eight tiles of 16 rows of 64 bytes.
//
//   tile 0 | tile 1     32 × 32 sums            tile 4, tile 5   32 rows of A, 32 of k
//   tile 2 | tile 3                             tile 6, tile 7   32 columns of B, 32 of k
//
// PoCL 3.1 compiles neither the intrinsics nor, for every processor, the mnemonics, so instructions
// are written as bytes. Targets other than x86-64 with Linux, simulators among them, get no assembly
// and no tiles.

#if defined(__x86_64__) && defined(__linux__)

typedef struct {
  uchar palette, start;
  uchar reserved[14];
  ushort row_bytes[16];
  uchar rows[16];
} TileConfiguration;

#define TILE_WORDS 256

#define CPUID_FEATURES 7
#define CPUID_AMX ((1 << 22) | (1 << 24))
#define CPUID_AVX512_BW (1 << 30)
#define CPUID_AVX512_BF16 (1 << 5)
#define CPUID_XGETBV (1 << 27)
#define XCR0_AMX (3 << 17)
#define XCR0_AVX512 (7 << 5)
#define SYSTEM_CALL_ARCH_PRCTL 158
#define ARCH_REQUEST_PERMISSION 0x1023
#define TILE_DATA 18

// Registers a, b, c, d.
INLINE uint4 cpuid(uint leaf, uint part) {
  uint a = leaf, b, c = part, d;
  __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  return (uint4)(a, b, c, d);
}

// Whether this process may use tiles and the conversion to bf16 of bf16_convert.cl: the processor has
// them, the system saves them, and grants the permission, which is asked for here and holds for all
// threads.
INLINE bool tiles_permitted(void) {
  if (cpuid(0, 0).s0 < CPUID_FEATURES || !(cpuid(1, 0).s2 & CPUID_XGETBV)) {
    return false;
  }
  uint4 features = cpuid(CPUID_FEATURES, 0);
  if ((features.s3 & CPUID_AMX) != CPUID_AMX || !(features.s1 & CPUID_AVX512_BW) ||
      features.s0 < 1 || !(cpuid(CPUID_FEATURES, 1).s0 & CPUID_AVX512_BF16)) {
    return false;
  }
  uint low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low & (XCR0_AMX | XCR0_AVX512)) != (XCR0_AMX | XCR0_AVX512)) {
    return false;
  }
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"((long)SYSTEM_CALL_ARCH_PRCTL), "D"((long)ARCH_REQUEST_PERMISSION),
                     "S"((long)TILE_DATA)
                   : "rcx", "r11", "memory");
  return result == 0;
}

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

// Results below the normal numbers become zero, and operands count as zero, until the mode is
// restored: as with tiles.
#define CONTROL_FLUSH 0x8040

INLINE uint begin_flushing(void) {
  uint mode;
  __asm__ volatile("stmxcsr %0" : "=m"(mode)::"memory");
  uint flushing = mode | CONTROL_FLUSH;
  __asm__ volatile("ldmxcsr %0" ::"m"(flushing) : "memory");
  return mode;
}

INLINE void end_flushing(uint mode) {
  __asm__ volatile("ldmxcsr %0" ::"m"(mode) : "memory");
}

#define FLUSHED(value) (value)

#else

INLINE bool tiles_permitted(void) { return false; }

INLINE void begin_tiles(void) {}

INLINE void end_tiles(void) {}

INLINE void multiply_by_tiles(
    const __global uint* a, const __global uint* b, global_floats c, int row, int steps, bool add) {
}

INLINE uint begin_flushing(void) { return 0; }

INLINE void end_flushing(uint mode) {}

// A sum that rounds to the smallest normal number is kept, where tiles flush it if it was less by
// less than half a place: a chance of one in 2^24 among results this small.
#define FLUSHED(value) flushed(value)
INLINE vec flushed(vec value) {
  return (AS_UVEC(value) & (uvec)(0x7f800000)) == (uvec)(0) ? AS_VEC(AS_UVEC(value) & (uvec)(0x80000000))
                                                            : value;
}

#endif
