// Conversion to bf16 by the instruction of processors with AVX512_BF16, which those with tiles have, too:
// nearest, ties to even; operands below the normal numbers are zeros; NaNs stay, quiet. Written as
// bytes, and only to be reached where find_unit() has found another unit than vectors.

#if defined(__x86_64__) && defined(__linux__)

// Of 32 k, those of the chains in the order in which pairs take them, see bf16_pairs.cl.
__constant ushort BY_CHAINS[32] = {2, 0, 6, 4, 10, 8, 14, 12, 18, 16, 22, 20, 26, 24, 30, 28,
                                   3, 1, 7, 5, 11, 9, 15, 13, 19, 17, 23, 21, 27, 25, 31, 29};

// 32 floats become 16 words, in the order of the unit.
INLINE void convert_along_k(int unit, const_global_floats from, __global uint* to) {
  if (unit == UNIT_PAIRS) {
    __asm__ volatile(
        ".byte 0x62,0xf1,0x7c,0x48,0x10,0x42,0x01\n\t"  // vmovups zmm0, [rdx+64]
        ".byte 0x62,0xf2,0x7f,0x48,0x72,0x02\n\t"       // vcvtne2ps2bf16 zmm0, zmm0, [rdx]
        ".byte 0x62,0xf1,0x7c,0x48,0x10,0x0e\n\t"       // vmovups zmm1, [rsi]
        ".byte 0x62,0xf2,0xf5,0x48,0x8d,0xc0\n\t"       // vpermw zmm0, zmm1, zmm0
        ".byte 0x62,0xf1,0x7c,0x48,0x11,0x00"           // vmovups [rax], zmm0
        ::"d"((ulong)(uintptr_t)from), "a"((ulong)(uintptr_t)to), "S"((ulong)(uintptr_t)BY_CHAINS)
        : "xmm0", "xmm1", "memory");
  } else {
    __asm__ volatile(
        ".byte 0x62,0xf1,0x7c,0x48,0x10,0x42,0x01\n\t"  // vmovups zmm0, [rdx+64]
        ".byte 0x62,0xf2,0x7f,0x48,0x72,0x02\n\t"       // vcvtne2ps2bf16 zmm0, zmm0, [rdx]
        ".byte 0x62,0xf1,0x7c,0x48,0x11,0x00"           // vmovups [rax], zmm0
        ::"d"((ulong)(uintptr_t)from), "a"((ulong)(uintptr_t)to)
        : "xmm0", "memory");
  }
}

// Numbers of 16 bits of two vectors behind each other, in turn.
__constant ushort IN_TURN[32] = {0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
                                 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};

// 16 words: the low halves of 16 floats, the high ones of the 16 at `next`.
INLINE void convert_across(
    const_global_floats from, const_global_floats next, __global uint* to) {
  __asm__ volatile(
      ".byte 0x62,0xf1,0x7c,0x48,0x10,0x01\n\t"  // vmovups zmm0, [rcx]
      ".byte 0x62,0xf2,0x7f,0x48,0x72,0x02\n\t"  // vcvtne2ps2bf16 zmm0, zmm0, [rdx]
      ".byte 0x62,0xf1,0x7c,0x48,0x10,0x0e\n\t"  // vmovups zmm1, [rsi]
      ".byte 0x62,0xf2,0xf5,0x48,0x8d,0xc0\n\t"  // vpermw zmm0, zmm1, zmm0
      ".byte 0x62,0xf1,0x7c,0x48,0x11,0x00"      // vmovups [rax], zmm0
      ::"d"((ulong)(uintptr_t)from), "c"((ulong)(uintptr_t)next), "a"((ulong)(uintptr_t)to),
        "S"((ulong)(uintptr_t)IN_TURN)
      : "xmm0", "xmm1", "memory");
}

#else

INLINE void convert_along_k(int unit, const_global_floats from, __global uint* to) {}

INLINE void convert_across(
    const_global_floats from, const_global_floats next, __global uint* to) {}

#endif
