// What the GPU forms of attention share: square tiles of scores, and products with them.
//
//               64 keys
//            +-----------+      each of the 256 items has 4 x 4 elements of a tile in registers, which
//   64 rows  |   tile    |      lie next to each other: it loads four rows and four columns of
//            |           |      operands from local memory at once
//            +-----------+
//
// Operands lie in local memory with what is summed over across the rows: [n][row] and [n][column]; so
// does a tile of scores, [key][row] where keys are summed over and [row][key] where rows are. A piece
// makes one panel of 64 columns of the head: wider heads compute their scores once per panel.
//
// Operands pass through local memory in chunks. Sums run over keys, rows or columns of the head in
// ascending order, whatever group computes them. Barriers stand in loops and never under an if:
// PoCL compiles what follows such an if twice.

#define TILE 64
#define TILE_STRIDE 68  // whole quads, and not on the same banks
#define CHUNK 16        // columns of the head that a product of two operands takes at a time
#define PANEL_CHUNK 32  // rows that a product with a panel takes at a time
#define SIDE 4
#define ROW_PARTS (GROUP_ITEMS / TILE)

#define FIRST_ROW (ITEM / 16 * SIDE)
#define FIRST_COLUMN (ITEM % 16 * SIDE)
#define TILE_ROW(i) (FIRST_ROW + (i))
#define TILE_COLUMN(j) (FIRST_COLUMN + (j))

// The row that an item looks after with others, and which part of it.
#define SHARED_ROW (ITEM % TILE)
#define ROW_PART (ITEM / TILE)

typedef struct {
  float of[SIDE][SIDE];
} RegisterTile;

// Local memory of one group: 46 KiB.
typedef struct {
  float scores[TILE * TILE_STRIDE] __attribute__((aligned(16)));
  float gradients[TILE * TILE_STRIDE] __attribute__((aligned(16)));
  // Of two operands, or of the rows of a panel.
  float chunks[PANEL_CHUNK * TILE_STRIDE] __attribute__((aligned(16)));
  float parts[GROUP_ITEMS];
  float maxima[TILE];  // backward: the saved log of the sums
  float sums[TILE];    // backward: D
  float factors[TILE];
  Range visible[TILE];
  DropoutSeeds seeds[TILE];
} Scratch;

// Panels that cover the columns of a head.
INLINE int panels_of(int head_size) { return (head_size + TILE - 1) / TILE; }

INLINE void clear_tile(RegisterTile* tile) {
#pragma unroll
  for (int i = 0; i < SIDE; i++) {
#pragma unroll
    for (int j = 0; j < SIDE; j++) {
      tile->of[i][j] = 0.0f;
    }
  }
}

// sums[row, column] += left[n, row] right[n, column] for the steps n in local memory.
INLINE void multiply_chunk(
    RegisterTile* sums, const_local_floats left, const_local_floats right, int steps) {
  left += FIRST_ROW;
  right += FIRST_COLUMN;
#pragma unroll 8
  for (int n = 0; n < steps; n++) {
    float4 x = *(const __local float4*)(left + n * TILE_STRIDE);
    float4 y = *(const __local float4*)(right + n * TILE_STRIDE);
    float rows[SIDE] = {x.x, x.y, x.z, x.w};
    float columns[SIDE] = {y.x, y.y, y.z, y.w};
#pragma unroll
    for (int i = 0; i < SIDE; i++) {
#pragma unroll
      for (int j = 0; j < SIDE; j++) {
        sums->of[i][j] = fma(rows[i], columns[j], sums->of[i][j]);
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
  clear_tile(product);
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
    multiply_chunk(product, left, right, CHUNK);
  }
}

// sums += weights^T b[rows, columns], weights being [n][row of the sums] for row n of b. Weights and
// columns that do not exist must not be used.
INLINE void weigh_rows(
    RegisterTile* sums, const_local_floats weights, const_global_floats b, int stride, int rows,
    int columns, __local Scratch* scratch) {
  for (int first = 0; first < rows; first += PANEL_CHUNK) {
    LOCAL_BARRIER;
    for (int e = ITEM; e < PANEL_CHUNK * TILE; e += GROUP_ITEMS) {
      int row = e / TILE;
      int column = e % TILE;
      int live = first + row < rows && column < columns;
      scratch->chunks[row * TILE_STRIDE + column] =
          live ? b[(size_t)(first + row) * stride + column] : 0.0f;
    }
    LOCAL_BARRIER;
    multiply_chunk(sums, weights + first * TILE_STRIDE, scratch->chunks, PANEL_CHUNK);
  }
}

// Writes the first rows and columns of a panel, each row times its factor.
INLINE void store_panel(
    const RegisterTile* panel, const_local_floats factors, global_floats out, int stride, int rows,
    int columns) {
#pragma unroll
  for (int i = 0; i < SIDE; i++) {
#pragma unroll
    for (int j = 0; j < SIDE; j++) {
      int row = TILE_ROW(i);
      int column = TILE_COLUMN(j);
      if (row < rows && column < columns) {
        out[(size_t)row * stride + column] =
            factors ? panel->of[i][j] * factors[row] : panel->of[i][j];
      }
    }
  }
}

// Joins the four parts of a row of a tile, in order.
INLINE float sum_of_parts(const_local_floats parts, int row) {
  float sum = 0.0f;
  for (int n = 0; n < ROW_PARTS; n++) {
    sum += parts[n * TILE + row];
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
