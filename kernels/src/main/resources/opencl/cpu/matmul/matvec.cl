// Products of a few rows with a matrix, as in decoding. B is read in place and once from memory:
// packing it would cost as much as the product.
//
//   NN  C[m,n] = A[m,k] B[k,n]          NT  C[m,n] = A[m,k] B[n,k]^T
//       plus bias[n], plus a residual [m,n] or the old C; or activated, see epilogue.cl
//
//   NN:      MATVEC_COLUMNS             NT:          k
//        +------------------+---            +--------------------+
//    k   | tile 0           |               | 4 rows of B,        |   tile: MATVEC_B_ROWS rows
//        | rows of B, times |               | dot the rows of A   |
//        | a[k], by         |               +--------------------+
//        | broadcast        |               | …                  |
//        +------------------+---
//
// NN sums each element in the order of matmul.cl, so a row has the same bits in both. Depth is cut
// into blocks of MATMUL_DEPTH, whose part of B stays in the cache for the other rows of A.
//
//   arguments: common/matmul/product.cl

#define MATVEC_VECTORS (2 * MATVEC_TILE_PANELS)
#define MATVEC_COLUMNS (MATVEC_VECTORS * LANES)

INLINE void matvec_nn(const Command* command, int tile) {
  int column = tile * MATVEC_COLUMNS;
  const_global_floats bias = SPAN(6);
  bool activated = INT(18) != NOT_ACTIVATED;
  const_global_floats residual = activated ? (const_global_floats)0 : SPAN(8);
  int m = INT(10);
  int k = INT(12);
  int b_stride = INT(14);
  int live = INT(11) - column;
  for (int k0 = 0; k0 < k; k0 += MATMUL_DEPTH) {
    int depth = min(MATMUL_DEPTH, k - k0);
    for (int row = 0; row < m; row++) {
      const_global_floats a = SPAN(0) + (size_t)row * INT(13) + k0;
      const_global_floats b = SPAN(2) + (size_t)k0 * b_stride + column;
      global_floats c = SPAN(4) + (size_t)row * INT(15) + column;
      const_global_floats addend =
          residual ? residual + (size_t)row * INT(16) + column : residual;
      if (INT(17) || k0 > 0) {
        addend = c;
      }
      vec sums[MATVEC_VECTORS];
#pragma unroll
      for (int j = 0; j < MATVEC_VECTORS; j++) {
        sums[j] = (vec)(0.0f);
      }
      if (live >= MATVEC_COLUMNS) {
        for (int i = 0; i < depth; i++, b += b_stride) {
          vec x = (vec)(a[i]);
#pragma unroll
          for (int j = 0; j < MATVEC_VECTORS; j++) {
            sums[j] = fma(x, LOAD(b + j * LANES), sums[j]);
          }
        }
      } else {
        // Vectors behind the last column would reach beyond what may be read.
        for (int i = 0; i < depth; i++, b += b_stride) {
          vec x = (vec)(a[i]);
#pragma unroll
          for (int j = 0; j < MATVEC_VECTORS; j++) {
            sums[j] = j * LANES < live ? fma(x, LOAD(b + j * LANES), sums[j]) : sums[j];
          }
        }
      }
#pragma unroll
      for (int j = 0; j < MATVEC_VECTORS; j++) {
        int at = j * LANES;
        if (at < live) {
          vec value = sums[j];
          if (addend) {
            value += LOAD(addend + at);
          }
          if (bias && k0 == 0) {
            value += LOAD(bias + column + at);
          }
          STORE_WITHIN(value, c + at, live - at);
        }
      }
    }
  }
  if (activated) {
    activate_rows(command, 0, m, column, min(live, MATVEC_COLUMNS), SPAN(4), SPAN(8), 0);
  }
}

INLINE float matvec_finish(
    float sum, const_global_floats bias, const_global_floats addend, int column) {
  if (addend) {
    sum += addend[column];
  }
  return bias ? sum + bias[column] : sum;
}

INLINE void matvec_nt(const Command* command, int tile) {
  const_global_floats bias = SPAN(6);
  bool activated = INT(18) != NOT_ACTIVATED;
  const_global_floats residual = activated ? (const_global_floats)0 : SPAN(8);
  int m = INT(10);
  int n = INT(11);
  int k = INT(12);
  int b_stride = INT(14);
  int full = round_down(k, LANES);
  int end = min(n, (tile + 1) * MATVEC_B_ROWS);
  for (int column = tile * MATVEC_B_ROWS; column < end; column += 4) {
    const_global_floats b0 = SPAN(2) + (size_t)column * b_stride;
    const_global_floats b1 = SPAN(2) + (size_t)min(column + 1, end - 1) * b_stride;
    const_global_floats b2 = SPAN(2) + (size_t)min(column + 2, end - 1) * b_stride;
    const_global_floats b3 = SPAN(2) + (size_t)min(column + 3, end - 1) * b_stride;
    for (int row = 0; row < m; row++) {
      const_global_floats a = SPAN(0) + (size_t)row * INT(13);
      global_floats c = SPAN(4) + (size_t)row * INT(15);
      const_global_floats addend = residual ? residual + (size_t)row * INT(16) : residual;
      if (INT(17)) {
        addend = c;
      }
      vec sum0 = (vec)(0.0f), sum1 = (vec)(0.0f), sum2 = (vec)(0.0f), sum3 = (vec)(0.0f);
      for (int i = 0; i < full; i += LANES) {
        vec x = LOAD(a + i);
        sum0 = fma(x, LOAD(b0 + i), sum0);
        sum1 = fma(x, LOAD(b1 + i), sum1);
        sum2 = fma(x, LOAD(b2 + i), sum2);
        sum3 = fma(x, LOAD(b3 + i), sum3);
      }
      if (full < k) {
        int tail = k - full;
        vec x = LOAD(a + full);
        sum0 += keep_first(x * LOAD(b0 + full), tail);
        sum1 += keep_first(x * LOAD(b1 + full), tail);
        sum2 += keep_first(x * LOAD(b2 + full), tail);
        sum3 += keep_first(x * LOAD(b3 + full), tail);
      }
      float sums[4];
      sums[0] = sum_of_lanes(sum0);
      sums[1] = sum_of_lanes(sum1);
      sums[2] = sum_of_lanes(sum2);
      sums[3] = sum_of_lanes(sum3);
      for (int j = 0; j < 4 && column + j < end; j++) {
        c[column + j] = matvec_finish(sums[j], bias, addend, column + j);
      }
    }
  }
  if (activated) {
    int first = tile * MATVEC_B_ROWS;
    activate_rows(command, 0, m, first, end - first, SPAN(4), SPAN(8), 0);
  }
}
