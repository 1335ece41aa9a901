// GPU forms of the products of a few rows, at most MATVEC_ROWS. Formulas: cpu/matmul/matvec.cl.
//
//   NN: a group takes MATVEC_COLUMNS columns. All its items load a slab of B, MATVEC_SLAB of k, which
//       keeps enough loads under way; then each sums its elements from local memory, in the order of
//       matmul.cl, so a row has the same bits in both.
//   NT: 32 items take a row of B each 32nd k; what they sum is added in pairs.

#define MATVEC_ROWS 16
#define MATVEC_COLUMNS 32
#define MATVEC_SLAB 64
#define MATVEC_SHARE (MATVEC_SLAB * MATVEC_COLUMNS / GROUP_ITEMS)
#define MATVEC_ITEM_ROWS (GROUP_ITEMS / MATVEC_COLUMNS)

// What item ITEM carries of the slab of B that begins at k0.
INLINE void fetch_columns(
    float* share, const_global_floats b, int stride, int k0, int k, int columns) {
  int column = ITEM % MATVEC_COLUMNS;
#pragma unroll
  for (int j = 0; j < MATVEC_SHARE; j++) {
    int row = k0 + ITEM / MATVEC_COLUMNS + j * MATVEC_ITEM_ROWS;
    share[j] = row < k && column < columns ? b[(size_t)row * stride + column] : 0.0f;
  }
}

KERNEL(matvec_nn) {
  __local float a_slab[MATVEC_ROWS * MATVEC_SLAB];
  __local float b_slab[MATVEC_SLAB * MATVEC_COLUMNS];
  BEGIN_KERNEL;
  int m = INT(10);
  int n = INT(11);
  int k = INT(12);
  Target target = product_target(command, 0);
  int column = ITEM % MATVEC_COLUMNS;
  int row = ITEM / MATVEC_COLUMNS;
  FOR_PIECES(piece, (n + MATVEC_COLUMNS - 1) / MATVEC_COLUMNS) {
    int first_column = (int)piece * MATVEC_COLUMNS;
    int columns = min(MATVEC_COLUMNS, n - first_column);
    const_global_floats b = SPAN(2) + first_column;
    float sum = 0.0f;
    float lower_sum = 0.0f;  // of the row MATVEC_ITEM_ROWS further down
    float share[MATVEC_SHARE];
    fetch_columns(share, b, INT(14), 0, k, columns);
    for (int k0 = 0; k0 < k; k0 += MATVEC_SLAB) {
#pragma unroll
      for (int j = 0; j < MATVEC_SHARE; j++) {
        b_slab[ITEM + j * GROUP_ITEMS] = share[j];
      }
      for (int i = ITEM; i < m * MATVEC_SLAB; i += GROUP_ITEMS) {
        int at = k0 + i % MATVEC_SLAB;
        a_slab[i] = at < k ? SPAN(0)[(size_t)(i / MATVEC_SLAB) * INT(13) + at] : 0.0f;
      }
      LOCAL_BARRIER;
      fetch_columns(share, b, INT(14), k0 + MATVEC_SLAB, k, columns);
      if (row < m) {
        for (int i = 0; i < MATVEC_SLAB; i++) {
          float x = b_slab[i * MATVEC_COLUMNS + column];
          sum = fma(a_slab[row * MATVEC_SLAB + i], x, sum);
        }
      }
      if (row + MATVEC_ITEM_ROWS < m) {
        for (int i = 0; i < MATVEC_SLAB; i++) {
          float x = b_slab[i * MATVEC_COLUMNS + column];
          lower_sum = fma(a_slab[(row + MATVEC_ITEM_ROWS) * MATVEC_SLAB + i], x, lower_sum);
        }
      }
      LOCAL_BARRIER;
    }
    if (column < columns && row < m) {
      store_whole_sum(&target, row, first_column + column, sum);
    }
    if (column < columns && row + MATVEC_ITEM_ROWS < m) {
      store_whole_sum(&target, row + MATVEC_ITEM_ROWS, first_column + column, lower_sum);
    }
    activate_columns(&target, m, first_column, columns);
  }
}

#define MATVEC_STRAND 32
#define MATVEC_STRANDS (GROUP_ITEMS / MATVEC_STRAND)

KERNEL(matvec_nt) {
  __local float4 scratch[GROUP_ITEMS];
  BEGIN_KERNEL;
  int m = INT(10);
  int n = INT(11);
  int k = INT(12);
  Target target = product_target(command, 0);
  int lane = ITEM % MATVEC_STRAND;
  FOR_PIECES(piece, (n + MATVEC_STRANDS - 1) / MATVEC_STRANDS) {
    int first_column = (int)piece * MATVEC_STRANDS;
    int column = first_column + ITEM / MATVEC_STRAND;
    const_global_floats b = SPAN(2) + (size_t)min(column, n - 1) * INT(14);
    for (int row = 0; row < m; row += 4) {
      const_global_floats a0 = SPAN(0) + (size_t)row * INT(13);
      const_global_floats a1 = SPAN(0) + (size_t)min(row + 1, m - 1) * INT(13);
      const_global_floats a2 = SPAN(0) + (size_t)min(row + 2, m - 1) * INT(13);
      const_global_floats a3 = SPAN(0) + (size_t)min(row + 3, m - 1) * INT(13);
      float4 sums = (float4)(0.0f);
#pragma unroll 4
      for (int i = lane; i < k; i += MATVEC_STRAND) {
        sums = fma((float4)(a0[i], a1[i], a2[i], a3[i]), (float4)(b[i]), sums);
      }
      scratch[ITEM] = sums;
      LOCAL_BARRIER;
      for (int step = MATVEC_STRAND / 2; step > 0; step /= 2) {
        if (lane < step) {
          scratch[ITEM] += scratch[ITEM + step];
        }
        LOCAL_BARRIER;
      }
      if (lane < min(4, m - row) && column < n) {
        const __local float* all = (const __local float*)(scratch + ITEM - lane);
        store_whole_sum(&target, row + lane, column, all[lane]);
      }
      LOCAL_BARRIER;
    }
    activate_columns(&target, m, first_column, min(MATVEC_STRANDS, n - first_column));
  }
}
