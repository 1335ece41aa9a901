// What the GPU forms of attention share: square tiles of scores, and products with them.
//
//               64 keys
//            +-----------+      each of the 256 items has 4 x 4 elements of a tile in registers:
//   64 rows  |   tile    |      rows TILE_ROW(0 … 3), next to each other,
//            |           |      columns TILE_COLUMN(0 … 3), 16 apart, so that neighbouring items
//            +-----------+      read and write neighbouring floats
//
// Operands pass through local memory in chunks. Sums run over keys, rows or columns of the head in
// ascending order, whatever group computes them. Barriers stand in loops and never under an if:
// PoCL compiles what follows such an if twice.

#define TILE 64
#define TILE_STRIDE 65  // a column of a tile in local memory falls on different banks
#define CHUNK 16         // columns of the head that a product of two operands takes at a time
#define PANEL_CHUNK 8    // rows that a product with all panels takes at a time
#define SIDE 4
#define HEAD_PANELS 4  // tiles side by side that cover the columns of the largest head, 256
#define ROW_PARTS (GROUP_ITEMS / TILE)

#define TILE_ROW(i) (ITEM / 16 * SIDE + (i))
#define TILE_COLUMN(j) (ITEM % 16 + 16 * (j))

typedef struct {
  float of[SIDE][SIDE];
} RegisterTile;

// Local memory of one group: 43 KiB.
typedef struct {
  float scores[TILE * TILE_STRIDE];
  float gradients[TILE * TILE_STRIDE];
  float chunks[2 * CHUNK * TILE_STRIDE];  // of both operands, or of PANEL_CHUNK rows of all panels
  float parts[GROUP_ITEMS];
  float maxima[TILE];  // backward: the saved log of the sums
  float sums[TILE];    // backward: D
  float factors[TILE];
  Range visible[TILE];
  DropoutSeeds seeds[TILE];
} Scratch;

INLINE void clear_tiles(RegisterTile* tiles, int count) {
#pragma unroll
  for (int p = 0; p < count; p++) {
#pragma unroll
    for (int i = 0; i < SIDE; i++) {
#pragma unroll
      for (int j = 0; j < SIDE; j++) {
        tiles[p].of[i][j] = 0.0f;
      }
    }
  }
}

// sums[row, column] += left[row, n] right[n, column] for the steps n in local memory.
INLINE void multiply_score_chunk(
    RegisterTile* sums, const_local_floats left, int left_row, int left_step,
    const_local_floats right, int right_step, const int steps) {
  for (int n = 0; n < steps; n++) {
    float x[SIDE];
    float y[SIDE];
#pragma unroll
    for (int i = 0; i < SIDE; i++) {
      x[i] = left[TILE_ROW(i) * left_row + n * left_step];
      y[i] = right[n * right_step + TILE_COLUMN(i)];
    }
#pragma unroll
    for (int i = 0; i < SIDE; i++) {
#pragma unroll
      for (int j = 0; j < SIDE; j++) {
        sums->of[i][j] = fma(x[i], y[j], sums->of[i][j]);
      }
    }
  }
}

// product = a[a_rows, depth] b[b_rows, depth]^T; rows behind the last ones count as zero.
INLINE void multiply_score_tile(
    RegisterTile* product, const_global_floats a, int a_stride, int a_rows, const_global_floats b,
    int b_stride, int b_rows, int depth, __local Scratch* scratch) {
  local_floats left = scratch->chunks;
  local_floats right = left + CHUNK * TILE_STRIDE;
  clear_tiles(product, 1);
  for (int first = 0; first < depth; first += CHUNK) {
    LOCAL_BARRIER;
    for (int e = ITEM; e < TILE * CHUNK; e += GROUP_ITEMS) {
      int row = e / CHUNK;
      int d = e % CHUNK;
      int at = d * TILE_STRIDE + row;
      int live = first + d < depth;
      left[at] = live && row < a_rows ? a[(size_t)row * a_stride + first + d] : 0.0f;
      right[at] = live && row < b_rows ? b[(size_t)row * b_stride + first + d] : 0.0f;
    }
    LOCAL_BARRIER;
    multiply_score_chunk(product, left, 1, TILE_STRIDE, right, TILE_STRIDE, CHUNK);
  }
}

// sums[p] += weights b[rows, columns of panel p], for all panels of a head. An element of weights is
// weights[row * weight_row + n * weight_step] for row n of b.
INLINE void weigh_rows(
    RegisterTile* sums, const_local_floats weights, int weight_row, int weight_step,
    const_global_floats b, int stride, int rows, int columns, __local Scratch* scratch) {
  int width = min(round_up(columns, TILE), HEAD_PANELS * TILE);
  for (int first = 0; first < rows; first += PANEL_CHUNK) {
    LOCAL_BARRIER;
    for (int e = ITEM; e < PANEL_CHUNK * width; e += GROUP_ITEMS) {
      int row = e / width;
      int column = e % width;
      int live = first + row < rows && column < columns;
      scratch->chunks[row * HEAD_PANELS * TILE + column] =
          live ? b[(size_t)(first + row) * stride + column] : 0.0f;
    }
    LOCAL_BARRIER;
#pragma unroll
    for (int p = 0; p < HEAD_PANELS; p++) {
      if (p * TILE < columns) {
        multiply_score_chunk(
            &sums[p], weights + first * weight_step, weight_row, weight_step,
            scratch->chunks + p * TILE, HEAD_PANELS * TILE, PANEL_CHUNK);
      }
    }
  }
}

// Writes the first rows and columns of panels, each row times its factor.
INLINE void store_panels(
    const RegisterTile* panels, const_local_floats factors, global_floats out, int stride, int rows,
    int columns) {
#pragma unroll
  for (int p = 0; p < HEAD_PANELS; p++) {
#pragma unroll
    for (int i = 0; i < SIDE; i++) {
#pragma unroll
      for (int j = 0; j < SIDE; j++) {
        int row = TILE_ROW(i);
        int column = p * TILE + TILE_COLUMN(j);
        if (row < rows && column < columns) {
          out[(size_t)row * stride + column] =
              factors ? panels[p].of[i][j] * factors[row] : panels[p].of[i][j];
        }
      }
    }
  }
}

// Joins the four parts of every row of a tile that items 4 r … 4 r + 3 left, in order.
INLINE float sum_of_parts(const_local_floats parts, int row) {
  float sum = 0.0f;
  for (int n = 0; n < ROW_PARTS; n++) {
    sum += parts[row * ROW_PARTS + n];
  }
  return sum;
}

// The keys that some row of scratch->visible sees; the same for all items.
INLINE Range seen_by_rows(const __local Scratch* scratch) {
  Range keys = {NO_BOUND, 0};
  for (int row = 0; row < TILE; row++) {
    Range range = scratch->visible[row];
    if (range.first < range.end) {
      keys.first = min(keys.first, range.first);
      keys.end = max(keys.end, range.end);
    }
  }
  return keys;
}

// What rows of queries see, and their dropout; rows behind the last query see nothing.
INLINE void find_rows(
    const AttentionCall* call, int batch, int head, int length, int first_row,
    __local Scratch* scratch) {
  LOCAL_BARRIER;
  if (ITEM < TILE) {
    int query = first_row + ITEM;
    Range range = {0, 0};
    if (query < call->live) {
      range = visible_keys(call, batch, length, query);
      if (call->dropout.key) {
        scratch->seeds[ITEM] = dropout_seeds(
            call->dropout, ((ulong)batch * call->heads + head) * call->queries + query);
      }
    }
    scratch->visible[ITEM] = range;
  }
  LOCAL_BARRIER;
}
