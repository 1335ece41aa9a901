// GPU form of attention's gradient. Formulas and arguments: cpu/attention/backward.cl.
//
//            keys →                 two kinds of pieces per panel, none of which waits for another:
//          +-----+-----+-----+
//          |\    |     |     |      columns   one (batch, key-value head), 64 keys: dK and dV in
//   queries|  \  |     |     |                registers over the query heads and down the queries
//     ↓    +-----+-----+-----+      rows      one (batch, head), 64 queries: dQ in registers over
//          |     |\    |     |                the keys; with dbias all queries of a head, whose sums
//          |     |  \  |     |                per distance then gather in place
//          +-----+-----+-----+
//
// Both compute a tile's scores again; no sum has two writers, so none needs atomics.

// The operands of one (batch, head).
typedef struct {
  const_global_floats q;
  const_global_floats k;
  const_global_floats v;
  const_global_floats out;
  const_global_floats lse;
  const_global_floats dout;
  int dout_stride;
  int batch;
  int head;
  int length;
} GradientHead;

INLINE GradientHead gradient_head(
    const Command* command, const AttentionCall* call, int batch, int head) {
  size_t first_query = (size_t)batch * call->queries;
  size_t first_key = (size_t)batch * call->keys;
  int column = head * call->head_size;
  int kv_column = head / (call->heads / call->kv_heads) * call->head_size;
  GradientHead operands;
  operands.dout_stride = INT(46);
  operands.q = SPAN(0) + first_query * call->q_stride + column;
  operands.k = SPAN(2) + first_key * call->k_stride + kv_column;
  operands.v = SPAN(4) + first_key * call->v_stride + kv_column;
  operands.out = SPAN(6) + first_query * call->out_stride + column;
  operands.lse = SPAN(8) + ((size_t)batch * call->heads + head) * call->queries;
  operands.dout = SPAN(36) + first_query * operands.dout_stride + column;
  operands.batch = batch;
  operands.head = head;
  operands.length = key_length(call, batch);
  return operands;
}

// What the rows of a block see, their saved log of the sums, and D = rowsum(dO * O).
INLINE void find_gradient_rows(
    const AttentionCall* call, const GradientHead* operands, int first_row,
    __local Scratch* scratch) {
  find_rows(call, operands->batch, operands->head, operands->length, first_row, scratch);
  int query = first_row + SHARED_ROW;
  float dot = 0.0f;
  if (query < call->queries) {
    const_global_floats out = operands->out + (size_t)query * call->out_stride;
    const_global_floats dout = operands->dout + (size_t)query * operands->dout_stride;
    for (int d = ROW_PART; d < call->head_size; d += ROW_PARTS) {
      dot = fma(out[d], dout[d], dot);
    }
  }
  scratch->parts[ITEM] = dot;
  LOCAL_BARRIER;
  if (ITEM < TILE) {
    scratch->sums[ITEM] = sum_of_parts(scratch->parts, ITEM);
    scratch->maxima[ITEM] =
        first_row + ITEM < call->queries ? operands->lse[first_row + ITEM] : 0.0f;
  }
  LOCAL_BARRIER;
}

// P M of a tile into scratch->scores and dS into scratch->gradients, zero where nothing is visible;
// an element lies row_step behind that of the row before and key_step behind that of the key before.
INLINE void gradients_of_tile(
    const AttentionCall* call, const GradientHead* operands, int first_row, int first_key,
    int row_step, int key_step, __local Scratch* scratch) {
  int rows = min(TILE, call->queries - first_row);
  int keys = min(TILE, call->keys - first_key);
  RegisterTile score;
  RegisterTile upstream;
  multiply_score_tile(
      &score, operands->q + (size_t)first_row * call->q_stride, call->q_stride, rows,
      operands->k + (size_t)first_key * call->k_stride, call->k_stride, keys, call->head_size,
      scratch);
  multiply_score_tile(
      &upstream, operands->dout + (size_t)first_row * operands->dout_stride, operands->dout_stride,
      rows, operands->v + (size_t)first_key * call->v_stride, call->v_stride, keys,
      call->head_size, scratch);
#pragma unroll
  for (int i = 0; i < SIDE; i++) {
#pragma unroll
    for (int j = 0; j < SIDE; j++) {
      int row = TILE_ROW(i);
      int key = first_key + TILE_COLUMN(j);
      Range range = scratch->visible[row];
      float weighted = 0.0f;
      float gradient = 0.0f;
      if (key >= range.first && key < range.end) {
        float term = 0.0f;
        if (call->bias) {
          term = bias_of_query(call, operands->head, first_row + row)[key];
        }
        float p = exp_vec(fma(score.of[i][j], call->scale, term) - scratch->maxima[row]);
        float factor = 1.0f;
        if (call->dropout.key) {
          factor = dropout_factors(call->dropout, scratch->seeds[row], (uint)key);
        }
        weighted = p * factor;
        gradient = p * (upstream.of[i][j] * factor - scratch->sums[row]) * call->scale;
      }
      int at = row * row_step + TILE_COLUMN(j) * key_step;
      scratch->scores[at] = weighted;
      scratch->gradients[at] = gradient;
    }
  }
  LOCAL_BARRIER;
}

// Whether some query of a block of rows sees some key of a tile.
INLINE int tile_seen(
    const AttentionCall* call, int batch, int length, int first_row, int first_key) {
  int end_row = min(call->queries, first_row + TILE);
  if (first_key >= length || first_key >= end_row - 1 + call->end_offset ||
      first_key + TILE <= first_row + call->first_offset) {
    return 0;
  }
  int seen = !call->first_keys && !call->end_keys;
  for (int i = first_row; !seen && i < end_row; i++) {
    Range range = visible_keys(call, batch, length, i);
    seen = max(range.first, first_key) < min(range.end, first_key + TILE);
  }
  return seen;
}

// Adds the diagonals of a tile of dS, [key][row], to the sums per distance: an item per diagonal.
INLINE void add_diagonals(
    const AttentionCall* call, int first_row, int first_key, global_floats dbias,
    const __local Scratch* scratch) {
  int shift = ITEM - (TILE - 1);
  int distance = call->queries - 1 + first_key - first_row + shift;
  if (ITEM < 2 * TILE - 1 && distance >= 0 && distance < call->queries + call->keys - 1) {
    float sum = 0.0f;
    for (int i = max(0, -shift); i < min(TILE, TILE - shift); i++) {
      sum += scratch->gradients[(i + shift) * TILE_STRIDE + i];
    }
    dbias[distance] = fma(sum, 1.0f / call->scale, dbias[distance]);
  }
}

// A piece runs through tiles: one of columns down the blocks of rows of each query head in turn, one
// of rows from left to right, in dbias's case of each block of rows from the last to the first.
typedef struct {
  int columns;  // whether it is a piece of columns
  int panel;    // first column of the panel
  int batch;
  int head;     // the first one
  int key;      // columns: the tiles' first key
  int chunk;    // rows: the last block of rows
  int length;
  int across;   // tiles per head or per block of rows
  int tiles;
} GradientPiece;

INLINE int head_of(const GradientPiece* piece, int tile) {
  return piece->columns ? piece->head + tile / piece->across : piece->head;
}

INLINE int chunk_of(const GradientPiece* piece, int tile) {
  return piece->columns ? tile % piece->across : piece->chunk - tile / piece->across;
}

INLINE int key_of(const GradientPiece* piece, int tile) {
  return piece->columns ? piece->key : tile % piece->across * TILE;
}

INLINE int next_seen(const AttentionCall* call, const GradientPiece* piece, int tile) {
  while (tile < piece->tiles &&
         !tile_seen(
             call, piece->batch, piece->length, chunk_of(piece, tile) * TILE,
             key_of(piece, tile))) {
    tile++;
  }
  return tile;
}

// Early keys and late queries, which have most to do under a causal mask, come first.
INLINE GradientPiece gradient_piece(const AttentionCall* call, long index, int whole_heads) {
  int panels = panels_of(call->head_size);
  long number = index / panels;
  int chunks = (call->queries + TILE - 1) / TILE;
  int blocks = (call->keys + TILE - 1) / TILE;
  int kv_columns = call->batch * call->kv_heads;
  int batch_heads = call->batch * call->heads;
  int group_heads = call->heads / call->kv_heads;
  long row_number = number - (long)kv_columns * blocks;
  GradientPiece piece;
  piece.columns = row_number < 0;
  piece.panel = (int)(index % panels) * TILE;
  piece.key = 0;
  piece.chunk = 0;
  if (piece.columns) {
    int column = (int)(number % kv_columns);
    piece.batch = column / call->kv_heads;
    piece.head = column % call->kv_heads * group_heads;
    piece.key = (int)(number / kv_columns) * TILE;
    piece.across = chunks;
    piece.tiles = group_heads * chunks;
  } else {
    int batch_head = (int)(row_number % batch_heads);
    piece.batch = batch_head / call->heads;
    piece.head = batch_head % call->heads;
    piece.chunk = chunks - 1 - (int)(row_number / batch_heads);
    piece.across = blocks;
    piece.tiles = whole_heads ? chunks * blocks : blocks;
  }
  piece.length = key_length(call, piece.batch);
  return piece;
}

// Stores dQ of the blocks of rows from the current one down to, not including, `until`.
INLINE int store_dqueries(
    const Command* command, const AttentionCall* call, const GradientPiece* piece, int chunk,
    int until, RegisterTile* dqueries) {
  for (; chunk > until; chunk--) {
    size_t row = (size_t)piece->batch * call->queries + chunk * TILE;
    store_panel(
        dqueries, (const_local_floats)0,
        SPAN(38) + row * INT(47) + piece->head * call->head_size + piece->panel, INT(47),
        min(TILE, call->queries - chunk * TILE), call->head_size - piece->panel);
    clear_tile(dqueries);
  }
  return chunk;
}

KERNEL(attention_backward) {
  __local Scratch scratch;
  BEGIN_KERNEL;
  AttentionCall call = attention_call(command);
  int whole_heads = SPAN(44) != 0;
  int distances = call.queries + call.keys - 1;
  int chunks = (call.queries + TILE - 1) / TILE;
  long column_pieces = (long)call.batch * call.kv_heads * ((call.keys + TILE - 1) / TILE);
  long row_pieces = (long)call.batch * call.heads * (whole_heads ? 1 : chunks);
  FOR_PIECES(number, (column_pieces + row_pieces) * panels_of(call.head_size)) {
    GradientPiece piece = gradient_piece(&call, number, whole_heads);
    int width = min(TILE, call.head_size - piece.panel);
    RegisterTile dvalues;
    RegisterTile others;  // dK of a piece of columns, dQ of one of rows
    clear_tile(&dvalues);
    clear_tile(&others);
    // The first panel's pieces gather for all panels.
    global_floats dbias = piece.columns || piece.panel > 0 ? (global_floats)0 : SPAN(44);
    if (dbias) {
      dbias += ((size_t)piece.batch * call.heads + piece.head) * distances;
    }
    for (int x = ITEM; dbias && x < distances; x += GROUP_ITEMS) {
      dbias[x] = 0.0f;
    }
    int chunk = piece.chunk;
    for (int tile = next_seen(&call, &piece, 0); tile < piece.tiles;
         tile = next_seen(&call, &piece, tile + 1)) {
      int row = chunk_of(&piece, tile) * TILE;
      int key = key_of(&piece, tile);
      int rows = min(TILE, call.queries - row);
      int keys = min(TILE, call.keys - key);
      GradientHead operands = gradient_head(command, &call, piece.batch, head_of(&piece, tile));
      if (!piece.columns) {
        chunk = store_dqueries(command, &call, &piece, chunk, row / TILE, &others);
      }
      GLOBAL_BARRIER;
      find_gradient_rows(&call, &operands, row, &scratch);
      gradients_of_tile(
          &call, &operands, row, key, piece.columns ? TILE_STRIDE : 1,
          piece.columns ? 1 : TILE_STRIDE, &scratch);
      if (dbias) {
        add_diagonals(&call, row, key, dbias, &scratch);
      }
      weigh_rows(
          &dvalues, scratch.scores,
          operands.dout + (size_t)row * operands.dout_stride + piece.panel, operands.dout_stride,
          piece.columns ? rows : 0, width, &scratch);
      weigh_rows(
          &others, scratch.gradients,
          (piece.columns ? operands.q + (size_t)row * call.q_stride
                         : operands.k + (size_t)key * call.k_stride) +
              piece.panel,
          piece.columns ? call.q_stride : call.k_stride, piece.columns ? rows : keys, width,
          &scratch);
    }
    if (piece.columns) {
      size_t first = (size_t)piece.batch * call.keys + piece.key;
      int column = piece.head / (call.heads / call.kv_heads) * call.head_size + piece.panel;
      int keys = min(TILE, call.keys - piece.key);
      store_panel(
          &others, (const_local_floats)0, SPAN(40) + first * INT(48) + column, INT(48), keys, width);
      store_panel(
          &dvalues, (const_local_floats)0, SPAN(42) + first * INT(49) + column, INT(49), keys,
          width);
    } else {
      store_dqueries(command, &call, &piece, chunk, whole_heads ? -1 : chunk - 1, &others);
    }
  }
}
