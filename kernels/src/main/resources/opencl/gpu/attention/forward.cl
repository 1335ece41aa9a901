// GPU form of attention, flash-style. Formulas and arguments: cpu/attention/forward.cl.
//
//   piece: one (batch, head), 64 queries, a panel; tiles of 64 keys in ascending order, those that a query of
//   the piece sees: scores in registers → local memory, running maximum and sum per row by four
//   items → weights in place → out, in registers, plus weights times values

// Rows of queries that share keys and values: those of a piece, or the heads of one decoding step.
typedef struct {
  const_global_floats q;
  const_global_floats k;
  const_global_floats v;
  const_global_floats bias;  // of row 0 and key 0, or null
  int q_stride;
  int k_stride;
  int v_stride;
  int bias_stride;
  int rows;
  int head_size;
  int panel;  // first column of the panel of v and out
  float scale;
  Dropout dropout;
} AttendingRows;

// Scores of a tile into local memory, [key][row], scaled and with their positional terms.
INLINE void scores_of_tile(
    const AttendingRows* attending, int first_key, int keys, __local Scratch* scratch) {
  RegisterTile product;
  multiply_score_tile(
      &product, attending->q, attending->q_stride, attending->rows,
      attending->k + (size_t)first_key * attending->k_stride, attending->k_stride, keys,
      attending->head_size, scratch);
#pragma unroll
  for (int i = 0; i < SIDE; i++) {
#pragma unroll
    for (int j = 0; j < SIDE; j++) {
      int row = TILE_ROW(i);
      int key = first_key + TILE_COLUMN(j);
      Range range = scratch->visible[row];
      float score = -INFINITY;
      if (key >= range.first && key < range.end) {
        float term = 0.0f;
        if (attending->bias) {
          term = attending->bias[(long)row * attending->bias_stride + key];
        }
        score = fma(product.of[i][j], attending->scale, term);
      }
      scratch->scores[TILE_COLUMN(j) * TILE_STRIDE + row] = score;
    }
  }
  LOCAL_BARRIER;
}

// Turns the scores of a tile into weights, and updates maxima and sums; factors shrink what was
// summed before.
INLINE void weights_of_tile(
    const AttendingRows* attending, int first_key, __local Scratch* scratch) {
  int row = SHARED_ROW;
  int part = ROW_PART * (TILE / ROW_PARTS);
  local_floats scores = scratch->scores + part * TILE_STRIDE + row;
  float largest = -INFINITY;
  for (int n = 0; n < TILE / ROW_PARTS; n++) {
    largest = fmax(largest, scores[n * TILE_STRIDE]);
  }
  scratch->parts[ITEM] = largest;
  LOCAL_BARRIER;
  if (ITEM < TILE) {
    float previous = scratch->maxima[ITEM];
    float maximum = previous;
    for (int n = 0; n < ROW_PARTS; n++) {
      maximum = fmax(maximum, scratch->parts[n * TILE + ITEM]);
    }
    scratch->maxima[ITEM] = maximum;
    scratch->factors[ITEM] = previous == maximum ? 1.0f : exp_vec(previous - maximum);
  }
  LOCAL_BARRIER;
  float maximum = scratch->maxima[row];
  Range range = scratch->visible[row];
  float sum = 0.0f;
  for (int n = 0; n < TILE / ROW_PARTS; n++) {
    int key = first_key + part + n;
    float weight = 0.0f;
    if (key >= range.first && key < range.end) {
      weight = exp_vec(scores[n * TILE_STRIDE] - maximum);
      sum += weight;
      if (attending->dropout.key) {
        weight *= dropout_factors(attending->dropout, scratch->seeds[row], (uint)key);
      }
    }
    scores[n * TILE_STRIDE] = weight;
  }
  scratch->parts[ITEM] = sum;
  LOCAL_BARRIER;
  if (ITEM < TILE) {
    scratch->sums[ITEM] =
        fma(scratch->sums[ITEM], scratch->factors[ITEM], sum_of_parts(scratch->parts, ITEM));
  }
}

// out[rows, columns of the panel], and lse[rows] unless null. scratch->visible and seeds are set.
INLINE void attend(
    const AttendingRows* attending, int keys, global_floats out, int out_stride, global_floats lse,
    __local Scratch* scratch) {
  int columns = min(TILE, attending->head_size - attending->panel);
  RegisterTile sums;
  clear_tile(&sums);
  if (ITEM < TILE) {
    scratch->maxima[ITEM] = -INFINITY;
    scratch->sums[ITEM] = 0.0f;
  }
  LOCAL_BARRIER;
  Range seen = seen_by_rows(scratch);
  for (int first = round_down(seen.first, TILE); first < seen.end; first += TILE) {
    // What no row sees may be memory that nobody has written: zero times that is not always zero.
    int tile_keys = min(TILE, min(keys, seen.end) - first);
    scores_of_tile(attending, first, tile_keys, scratch);
    weights_of_tile(attending, first, scratch);
#pragma unroll
    for (int i = 0; i < SIDE; i++) {
      float factor = scratch->factors[TILE_ROW(i)];
#pragma unroll
      for (int j = 0; j < SIDE; j++) {
        sums.of[i][j] *= factor;
      }
    }
    weigh_rows(
        &sums, scratch->scores,
        attending->v + (size_t)first * attending->v_stride + attending->panel,
        attending->v_stride, tile_keys, columns, scratch);
    LOCAL_BARRIER;
  }
  if (ITEM < TILE) {
    float sum = scratch->sums[ITEM];
    scratch->factors[ITEM] = sum == 0.0f ? 0.0f : 1.0f / sum;
    if (lse && ITEM < attending->rows) {
      lse[ITEM] = scratch->maxima[ITEM] + log(sum);
    }
  }
  LOCAL_BARRIER;
  store_panel(
      &sums, scratch->factors, out + attending->panel, out_stride, attending->rows, columns);
  LOCAL_BARRIER;
}

INLINE AttendingRows attending_rows(
    const Command* command, const AttentionCall* call, int batch, int key_sequence, int head,
    int first_row) {
  int kv_head = head / (call->heads / call->kv_heads);
  size_t first_key = (size_t)key_sequence * call->keys;
  AttendingRows attending;
  attending.q = SPAN(0) + ((size_t)batch * call->queries + first_row) * call->q_stride +
                head * call->head_size;
  attending.k = SPAN(2) + first_key * call->k_stride + kv_head * call->head_size;
  attending.v = SPAN(4) + first_key * call->v_stride + kv_head * call->head_size;
  attending.bias = call->bias ? bias_of_query(call, head, first_row) : call->bias;
  attending.bias_stride = -1;
  attending.q_stride = call->q_stride;
  attending.k_stride = call->k_stride;
  attending.v_stride = call->v_stride;
  attending.rows = min(TILE, call->live - first_row);
  attending.head_size = call->head_size;
  attending.panel = 0;
  attending.scale = call->scale;
  attending.dropout = call->dropout;
  return attending;
}

// Late queries, which see most keys under a causal mask, come first.
KERNEL(attention_forward) {
  __local Scratch scratch;
  BEGIN_KERNEL;
  AttentionCall call = attention_call(command);
  int batch_heads = call.batch * call.heads;
  int chunks = (call.queries + TILE - 1) / TILE;
  int panels = panels_of(call.head_size);
  FOR_PIECES(number, (long)batch_heads * chunks * panels) {
    int panel = (int)(number % panels) * TILE;
    long piece = number / panels;
    int batch_head = (int)(piece % batch_heads);
    int batch = batch_head / call.heads;
    int head = batch_head % call.heads;
    int first_row = (chunks - 1 - (int)(piece / batch_heads)) * TILE;
    size_t row = (size_t)batch * call.queries + first_row;
    int sequence = key_sequence(command, &call, batch);
    if (first_row >= call.live) {
      continue;
    }
    AttendingRows attending = attending_rows(command, &call, batch, sequence, head, first_row);
    attending.panel = panel;
    find_rows(&call, batch, head, key_length(&call, batch), first_row, &scratch);
    // In a cache, what lies behind the last query's key may be anything.
    attend(
        &attending, call.shift + call.live,
        SPAN(6) + row * call.out_stride + head * call.head_size, call.out_stride,
        panel == 0 ? SPAN(8) + (size_t)batch_head * call.queries + first_row : (global_floats)0,
        &scratch);
  }
}

// The weights on their own. Formula and arguments: cpu/attention/weights.cl.
KERNEL(attention_weights) {
  __local Scratch scratch;
  BEGIN_KERNEL;
  AttentionCall call = attention_call(command);
  int chunks = (call.queries + TILE - 1) / TILE;
  FOR_PIECES(piece, (long)call.batch * call.heads * chunks) {
    int batch_head = (int)(piece / chunks);
    int batch = batch_head / call.heads;
    int head = batch_head % call.heads;
    int first_row = (int)(piece % chunks) * TILE;
    size_t row = (size_t)batch_head * call.queries + first_row;
    const_global_floats lse = SPAN(8) + row;
    global_floats weights = SPAN(36) + row * call.keys;
    AttendingRows attending = attending_rows(command, &call, batch, batch, head, first_row);
    find_rows(&call, batch, head, key_length(&call, batch), first_row, &scratch);
    for (int first = 0; first < call.keys; first += TILE) {
      int keys = min(TILE, call.keys - first);
      scores_of_tile(&attending, first, keys, &scratch);
      for (int e = ITEM; e < TILE * TILE; e += GROUP_ITEMS) {
        int i = e / TILE;
        int j = e % TILE;
        Range range = scratch.visible[i];
        if (i < attending.rows && j < keys) {
          int seen = first + j >= range.first && first + j < range.end;
          weights[(size_t)i * call.keys + first + j] =
              seen ? exp_vec(scratch.scores[j * TILE_STRIDE + i] - lse[i]) : 0.0f;
        }
      }
      LOCAL_BARRIER;
    }
  }
}
