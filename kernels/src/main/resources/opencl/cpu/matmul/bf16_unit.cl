// What computes products in bf16, see bf16.cl. All of them give the same bits.
//
//   UNIT_VECTORS  multiplication and addition of floats: any processor
//   UNIT_PAIRS    the dot product of pairs (AVX512_BF16) of AMD's processors since Zen 4, where it does
//                 twice as much as multiplication and addition of floats; see bf16_pairs.cl
//   UNIT_TILES    the matrix unit of Intel's (AMX), see bf16_tiles.cl
//
// The last two come with an instruction that rounds to bf16, see bf16_convert.cl. Targets other than
// x86-64 with Linux, simulators among them, get no assembly and only vectors.

#define UNIT_VECTORS 0
#define UNIT_PAIRS 1
#define UNIT_TILES 2

// PoCL's LLVM need not know the processor, but the registers.
#if defined(__x86_64__) && defined(__linux__) && defined(__AVX512F__)
#define UNIT_PAIRS_COMPILED 1
#else
#define UNIT_PAIRS_COMPILED 0
#endif

#if defined(__x86_64__) && defined(__linux__)

#define CPUID_FEATURES 7
#define CPUID_AMX ((1 << 22) | (1 << 24))
#define CPUID_AVX512_BW (1 << 30)
#define CPUID_AVX512_BF16 (1 << 5)
#define CPUID_XGETBV (1 << 27)
#define CPUID_AMD 0x68747541  // "Auth", of "AuthenticAMD"
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

// The tiles of this process: granted by the system, and once for all threads.
INLINE bool request_tiles(void) {
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"((long)SYSTEM_CALL_ARCH_PRCTL), "D"((long)ARCH_REQUEST_PERMISSION),
                     "S"((long)TILE_DATA)
                   : "rcx", "r11", "memory");
  return result == 0;
}

// The best unit that the processor has, the system saves the registers of, and this process may use.
INLINE int find_unit(void) {
  if (cpuid(0, 0).s0 < CPUID_FEATURES || !(cpuid(1, 0).s2 & CPUID_XGETBV)) {
    return UNIT_VECTORS;
  }
  uint4 features = cpuid(CPUID_FEATURES, 0);
  if (!(features.s1 & CPUID_AVX512_BW) || features.s0 < 1 ||
      !(cpuid(CPUID_FEATURES, 1).s0 & CPUID_AVX512_BF16)) {
    return UNIT_VECTORS;
  }
  uint low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low & XCR0_AVX512) != XCR0_AVX512) {
    return UNIT_VECTORS;
  }
  if ((features.s3 & CPUID_AMX) == CPUID_AMX && (low & XCR0_AMX) == XCR0_AMX && request_tiles()) {
    return UNIT_TILES;
  }
  return UNIT_PAIRS_COMPILED && cpuid(0, 0).s1 == CPUID_AMD ? UNIT_PAIRS : UNIT_VECTORS;
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

INLINE int find_unit(void) { return UNIT_VECTORS; }

INLINE uint begin_flushing(void) { return 0; }

INLINE void end_flushing(uint mode) {}

// A sum that rounds to the smallest normal number is kept, where the units flush it if it was less by
// less than half a place: a chance of one in 2^24 among results this small.
#define FLUSHED(value) flushed(value)
INLINE vec flushed(vec value) {
  return (AS_UVEC(value) & (uvec)(0x7f800000)) == (uvec)(0) ? AS_VEC(AS_UVEC(value) & (uvec)(0x80000000))
                                                            : value;
}

#endif
