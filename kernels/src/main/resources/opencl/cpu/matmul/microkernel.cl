// Register-tiled products: a strip of 6, 4 or 1 rows times one panel.
//
//             PANEL = 2 vectors
//              b0      b1             for each k:
//            +-------+-------+          b0, b1 = row k of the panel
//   a[0,k] → | c00   | c01   |          c[r]  += a[r, k] * (b0, b1)
//   a[1,k] → | c10   | c11   |
//      …     |       |       |        12 accumulators of a 6-row strip stay in registers
//   a[5,k] → | c50   | c51   |
//            +-------+-------+
//
//   a[r, k] = a[r * a_row + k * a_step], read in place by broadcast
//   b[k, :] = b[k * b_row …]
//
// DEFINE_MICROKERNEL makes one for given address spaces and a way to store the result:
//   STORE_LOCAL    c (+)= product, whole panels, in local memory
//   STORE_GLOBAL   c = product + addend row + bias, only the first `live` columns

#define ROW_DECLARE(r)                    \
  vec c##r##0 = (vec)(0.0f);              \
  vec c##r##1 = (vec)(0.0f);              \
  __typeof__(a) a##r = a + (r) * (size_t)a_row;

#define ROW_MULTIPLY(r)                   \
  {                                       \
    vec x = (vec)(a##r[k * a_step]);      \
    c##r##0 = fma(x, b0, c##r##0);        \
    c##r##1 = fma(x, b1, c##r##1);        \
  }

#define STORE_LOCAL(r)                                \
  {                                                   \
    __typeof__(c) row = c + (r) * c_row;              \
    if (addend) {                                     \
      c##r##0 += LOAD(row);                           \
      c##r##1 += LOAD(row + LANES);                   \
    }                                                 \
    STORE(c##r##0, row);                              \
    STORE(c##r##1, row + LANES);                      \
  }

#define STORE_GLOBAL(r)                               \
  {                                                   \
    __typeof__(c) row = c + (r) * (size_t)c_row;      \
    if (addend) {                                     \
      __typeof__(addend) old = addend + (r) * (size_t)addend_row; \
      c##r##0 += LOAD(old);                           \
      c##r##1 += LOAD(old + LANES);                   \
    }                                                 \
    if (bias) {                                       \
      c##r##0 += LOAD(bias);                          \
      c##r##1 += LOAD(bias + LANES);                  \
    }                                                 \
    if (live >= PANEL) {                              \
      STORE(c##r##0, row);                            \
      STORE(c##r##1, row + LANES);                    \
    } else {                                          \
      store_first(c##r##0, row, min(live, LANES));    \
      store_first(c##r##1, row + LANES, live - LANES); \
    }                                                 \
  }

#define ROWS_1(ACTION) ACTION(0)
#define ROWS_4(ACTION) ACTION(0) ACTION(1) ACTION(2) ACTION(3)
#define ROWS_6(ACTION) ROWS_4(ACTION) ACTION(4) ACTION(5)

#define MICROKERNEL_PARAMETERS(A_SPACE, B_SPACE, C_SPACE)                          \
  const A_SPACE float *a, int a_row, int a_step, const B_SPACE float *b, int b_row, \
      C_SPACE float *c, int c_row, int depth, const C_SPACE float *addend,         \
      int addend_row, const_global_floats bias, int live

#define DEFINE_STRIP(NAME, ROWS, A_SPACE, B_SPACE, C_SPACE, STORE_ROW)  \
  INLINE void NAME(MICROKERNEL_PARAMETERS(A_SPACE, B_SPACE, C_SPACE)) { \
    ROWS(ROW_DECLARE)                                                   \
    for (int k = 0; k < depth; k++) {                                   \
      vec b0 = LOAD(b);                                                 \
      vec b1 = LOAD(b + LANES);                                         \
      b += b_row;                                                       \
      ROWS(ROW_MULTIPLY)                                                \
    }                                                                   \
    ROWS(STORE_ROW)                                                     \
  }

#define STRIP_ARGUMENTS a, a_row, a_step, b, b_row, c, c_row, depth, addend, addend_row, bias, live

#define DEFINE_MICROKERNEL(NAME, A_SPACE, B_SPACE, C_SPACE, STORE_ROW)               \
  DEFINE_STRIP(NAME##_6, ROWS_6, A_SPACE, B_SPACE, C_SPACE, STORE_ROW)               \
  DEFINE_STRIP(NAME##_4, ROWS_4, A_SPACE, B_SPACE, C_SPACE, STORE_ROW)               \
  DEFINE_STRIP(NAME##_1, ROWS_1, A_SPACE, B_SPACE, C_SPACE, STORE_ROW)               \
  INLINE void NAME(int rows, MICROKERNEL_PARAMETERS(A_SPACE, B_SPACE, C_SPACE)) {    \
    if (rows == 6) {                                                                 \
      NAME##_6(STRIP_ARGUMENTS);                                                     \
    } else if (rows == 4) {                                                          \
      NAME##_4(STRIP_ARGUMENTS);                                                     \
    } else {                                                                         \
      NAME##_1(STRIP_ARGUMENTS);                                                     \
    }                                                                                \
  }

// Rows of the next strip when `remaining` are left.
INLINE int strip_rows(int remaining) { return remaining >= 6 ? 6 : remaining >= 4 ? 4 : 1; }

#if LANES == 16
// With 32 registers of 16 floats a strip of 6 rows can span a pair of panels, `panel_floats` apart:
//
//             panel 0         panel 1
//            b0      b1      b2      b3         24 accumulators, 4 vectors of B and one of A: half
//          +-------+-------+-------+-------+    as many loads for a multiplication as with one
//   a[0] → | c00   | c01   | c02   | c03   |    panel. A pair is more than the first cache holds,
//     …    |       |       |       |       |    so its rows are asked for ahead of time, and those
//   a[5] → | c50   | c51   | c52   | c53   |    of C, which are needed last, before all else.
//          +-------+-------+-------+-------+
//
// Each element is the same sum as in a strip of one panel, bit for bit.

#define PAIR_AHEAD (8 * PANEL)

#define PAIR_DECLARE(r)                                  \
  vec c##r##0 = (vec)(0.0f), c##r##1 = (vec)(0.0f);      \
  vec c##r##2 = (vec)(0.0f), c##r##3 = (vec)(0.0f);      \
  __typeof__(a) a##r = a + (r) * (size_t)a_row;          \
  PAIR_PREFETCH(addend ? addend + (r) * (size_t)addend_row : c + (r) * (size_t)c_row)

#define PAIR_PREFETCH(pointer)           \
  {                                      \
    const_global_floats row = (pointer); \
    PREFETCH_LINE(row);                  \
    PREFETCH_LINE(row + LANES);          \
    PREFETCH_LINE(row + 2 * LANES);      \
    PREFETCH_LINE(row + 3 * LANES);      \
  }

#define PAIR_MULTIPLY(r)              \
  {                                   \
    vec x = (vec)(a##r[k * a_step]);  \
    c##r##0 = fma(x, b0, c##r##0);    \
    c##r##1 = fma(x, b1, c##r##1);    \
    c##r##2 = fma(x, b2, c##r##2);    \
    c##r##3 = fma(x, b3, c##r##3);    \
  }

#define PAIR_ADD(r)                                             \
  {                                                             \
    const_global_floats old = addend + (r) * (size_t)addend_row; \
    c##r##0 += LOAD(old);                                       \
    c##r##1 += LOAD(old + LANES);                               \
    c##r##2 += LOAD(old + 2 * LANES);                           \
    c##r##3 += LOAD(old + 3 * LANES);                           \
  }

#define PAIR_ADD_BIAS(r)             \
  c##r##0 += LOAD(bias);             \
  c##r##1 += LOAD(bias + LANES);     \
  c##r##2 += LOAD(bias + 2 * LANES); \
  c##r##3 += LOAD(bias + 3 * LANES);

#define PAIR_STORE(r)                              \
  {                                                \
    global_floats row = c + (r) * (size_t)c_row;   \
    STORE(c##r##0, row);                           \
    STORE(c##r##1, row + LANES);                   \
    STORE(c##r##2, row + 2 * LANES);               \
    STORE(c##r##3, row + 3 * LANES);               \
  }

#define PAIR_FINISH       \
  if (addend) {           \
    ROWS_6(PAIR_ADD)      \
  }                       \
  if (bias) {             \
    ROWS_6(PAIR_ADD_BIAS) \
  }                       \
  ROWS_6(PAIR_STORE)

#define PAIR_A(A_SPACE) const A_SPACE float *a, int a_row, int a_step

#define PAIR_C                                                                       \
  global_floats c, int c_row, int depth, const_global_floats addend, int addend_row, \
      const_global_floats bias

#define DEFINE_PAIR_STRIP(NAME, A_SPACE)                                 \
  INLINE void NAME(                                                      \
      PAIR_A(A_SPACE), const_local_floats b, int panel_floats, PAIR_C) { \
    ROWS_6(PAIR_DECLARE)                                                 \
    for (int k = 0; k < depth; k++) {                                    \
      vec b0 = LOAD(b);                                                  \
      vec b1 = LOAD(b + LANES);                                          \
      vec b2 = LOAD(b + panel_floats);                                   \
      vec b3 = LOAD(b + panel_floats + LANES);                           \
      PREFETCH_LINE(b + PAIR_AHEAD);                                     \
      PREFETCH_LINE(b + PAIR_AHEAD + LANES);                             \
      PREFETCH_LINE(b + panel_floats + PAIR_AHEAD);                      \
      PREFETCH_LINE(b + panel_floats + PAIR_AHEAD + LANES);              \
      b += PANEL;                                                        \
      ROWS_6(PAIR_MULTIPLY)                                              \
    }                                                                    \
    PAIR_FINISH                                                          \
  }

// The first strip of a tile reads the columns of B from where they lie, `source_row` apart, and leaves
// them in the panels: memory is waited for while the strip multiplies.
#define DEFINE_PACKING_PAIR_STRIP(NAME, A_SPACE)                                        \
  INLINE void NAME(                                                                     \
      PAIR_A(A_SPACE), const_global_floats source, int source_row, local_floats panels, \
      int panel_floats, PAIR_C) {                                                       \
    ROWS_6(PAIR_DECLARE)                                                                \
    for (int k = 0; k < depth; k++) {                                                   \
      vec b0 = LOAD(source);                                                            \
      vec b1 = LOAD(source + LANES);                                                    \
      vec b2 = LOAD(source + PANEL);                                                    \
      vec b3 = LOAD(source + PANEL + LANES);                                            \
      PAIR_PREFETCH(source + (size_t)ROWS_AHEAD * source_row)                           \
      STORE(b0, panels);                                                                \
      STORE(b1, panels + LANES);                                                        \
      STORE(b2, panels + panel_floats);                                                 \
      STORE(b3, panels + panel_floats + LANES);                                         \
      source += source_row;                                                             \
      panels += PANEL;                                                                  \
      ROWS_6(PAIR_MULTIPLY)                                                             \
    }                                                                                   \
    PAIR_FINISH                                                                         \
  }

DEFINE_PAIR_STRIP(multiply_pair, __global)
DEFINE_PAIR_STRIP(weigh_pair, __local)
DEFINE_PACKING_PAIR_STRIP(multiply_pair_and_pack, __global)
DEFINE_PACKING_PAIR_STRIP(weigh_pair_and_pack, __local)
#endif

// Named after what attention does with them; A, B, C in that order of address spaces.
DEFINE_MICROKERNEL(multiply_into_global, __global, __local, __global, STORE_GLOBAL)
DEFINE_MICROKERNEL(multiply_into_local, __global, __local, __local, STORE_LOCAL)
DEFINE_MICROKERNEL(weigh_into_global, __local, __local, __global, STORE_GLOBAL)
DEFINE_MICROKERNEL(weigh_panel_into_local, __local, __local, __local, STORE_LOCAL)
