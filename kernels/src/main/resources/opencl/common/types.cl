// Vector width, address-space shorthands and memory access shared by all operations.
//
// LANES is the number of floats in one vector: 16 where the CPU has AVX-512, else 8. A PANEL is two
// vectors: the width of the register tile of every matrix product. The host learns LANES from the
// first launch (see cpu/dispatch.cl). In GPU forms LANES is 1, a work-item being one lane: the
// functions written for vectors then work on single floats.
//
// Reading past the end of a span is allowed, up to READ_SLACK floats: every arena carries that many
// spare floats behind its last one. Writing past a span never is; tails go through store_first.

#ifndef LANES
#ifdef __AVX512F__
#define LANES 16
#else
#define LANES 8
#endif
#endif
#define PANEL (2 * LANES)
#define READ_SLACK 64

#define JOIN_TOKENS(a, b) a##b
#define JOIN(a, b) JOIN_TOKENS(a, b)

#if LANES == 1
typedef float vec;
typedef int ivec;
typedef uint uvec;

#define LOAD(pointer) (*(pointer))
#define STORE(value, pointer) (*(pointer) = (value))
#define AS_IVEC(value) as_int(value)
#define AS_UVEC(value) as_uint(value)
#define AS_VEC(value) as_float(value)
#define TO_VEC(value) convert_float(value)
#define LANE_INDEX 0
#else
typedef JOIN(float, LANES) vec;
typedef JOIN(int, LANES) ivec;
typedef JOIN(uint, LANES) uvec;

#define LOAD(pointer) JOIN(vload, LANES)(0, (pointer))
#define STORE(value, pointer) store_vec((value), (pointer))
#define AS_IVEC(value) JOIN(as_int, LANES)(value)
#define AS_UVEC(value) JOIN(as_uint, LANES)(value)
#define AS_VEC(value) JOIN(as_float, LANES)(value)
#define TO_VEC(value) JOIN(convert_float, LANES)(value)

#if LANES == 16
#define LANE_INDEX ((ivec)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
#else
#define LANE_INDEX ((ivec)(0, 1, 2, 3, 4, 5, 6, 7))
#endif
#endif

// A call that is not inlined crashes the compiler of PoCL 3.1.
#define INLINE static inline __attribute__((always_inline))

typedef __global float* global_floats;
typedef const __global float* const_global_floats;
typedef __local float* local_floats;
typedef const __local float* const_local_floats;

#if LANES > 1
// One store of a whole vector at the address of any float: PoCL 3.1 makes three of a vstore16.
typedef float loose_vec __attribute__((ext_vector_type(LANES), aligned(4)));

#define DEFINE_STORE_VEC(SPACE)                                               \
  INLINE __attribute__((overloadable)) void store_vec(vec value, SPACE float* pointer) { \
    *(SPACE loose_vec*)pointer = value;                                       \
  }

DEFINE_STORE_VEC(__global)
DEFINE_STORE_VEC(__local)
DEFINE_STORE_VEC(__private)
#endif

INLINE int round_down(int value, int step) { return value / step * step; }

INLINE int round_up(int value, int step) { return (value + step - 1) / step * step; }

#if LANES == 1
// A work-group takes a tile together, each item every GROUP_ITEMS-th element (see gpu/work_group.cl).
#define FOR_VECTORS(i, begin, end) for (long i = (begin) + ITEM; i < (end); i += GROUP_ITEMS)

#define STORE_WITHIN(value, pointer, remaining) STORE((value), (pointer))

// A GPU has other work to do while it waits for memory.
#define PREFETCH(pointer)
#define PREFETCH_FOR_STORE(pointer)
#define PREFETCH_LINE(pointer)
#define PREFETCH_OUTER(pointer)
#else
// PREFETCH asks for the cache line PREFETCH_DISTANCE floats behind the pointer, which will be read,
// PREFETCH_FOR_STORE for one that will be written, PREFETCH_LINE for that of the pointer itself. CPUs
// ask by themselves within a page only, and too late where a loop computes much. PREFETCH_OUTER asks
// for a line in the second-level cache: rows that lie a power of two apart share a set of the first,
// and would push each other out of it.
#define PREFETCH_DISTANCE 512
#define PREFETCH(pointer) PREFETCH_LINE((pointer) + PREFETCH_DISTANCE)
#define PREFETCH_FOR_STORE(pointer) \
  __builtin_prefetch((const void*)(uintptr_t)((pointer) + PREFETCH_DISTANCE), 1, 3)
#define PREFETCH_LINE(pointer) __builtin_prefetch((const void*)(uintptr_t)(pointer), 0, 3)
#define PREFETCH_OUTER(pointer) __builtin_prefetch((const void*)(uintptr_t)(pointer), 0, 2)

// Writes the first count lanes and leaves the floats behind them untouched; none where count <= 0.
INLINE void store_first(vec value, global_floats destination, int count) {
  if (count >= LANES) {
    STORE(value, destination);
    return;
  }
  float lanes[LANES];
  STORE(value, lanes);
  int done = 0;
  for (int whole = round_down(count, 4); done < whole; done += 4) {
    vstore4(vload4(0, lanes + done), 0, destination + done);
  }
  for (; done < count; done++) {
    destination[done] = lanes[done];
  }
}

// Counts i from begin to end in steps of one vector; the last step may reach past end.
#define FOR_VECTORS(i, begin, end) for (long i = (begin); i < (end); i += LANES)

// Stores a whole vector, or its first lanes where fewer than LANES floats remain.
#define STORE_WITHIN(value, pointer, remaining) \
  do {                                          \
    long remaining_ = (remaining);              \
    if (remaining_ >= LANES) {                  \
      STORE((value), (pointer));                \
    } else {                                    \
      store_first((value), (pointer), (int)remaining_); \
    }                                           \
  } while (0)
#endif
