// Numbers of a matrix as they are stored: floats, or bf16, two in the word of a float, the first in its
// low half (half_bits.cl). In memory these follow each other, so a row of any length may begin at any
// of them, and each is the high half of its float.
//
// `halved` says which. Where it is a constant, what is not asked for is not compiled: loops are called
// with one constant or the other.

typedef const __global ushort* stored_numbers;

INLINE stored_numbers numbers_of(const_global_floats span) { return (stored_numbers)span; }

// The numbers from one of them on.
INLINE stored_numbers numbers_from(stored_numbers numbers, size_t first, const bool halved) {
  return numbers + (halved ? first : 2 * first);
}

// As many as a vector has.
INLINE vec load_numbers(stored_numbers from, const bool halved) {
  if (halved) {
#if LANES == 1
    return as_float((uint)from[0] << 16);
#else
    return AS_VEC(JOIN(convert_uint, LANES)(JOIN(vload, LANES)(0, from)) << 16);
#endif
  }
  return LOAD((const_global_floats)from);
}
