// GPU forms of the column sum, the sum of squares and the finite check; formulas and arguments:
// cpu/reduction/.

KERNEL(column_sum) {
  __local float scratch[GROUP_ITEMS];
  BEGIN_KERNEL;
  const_global_floats x = SPAN(0);
  int columns = INT(5);
  size_t stride = INT(6);
  FOR_COLUMN_BLOCKS(column, columns) {
    float sum = 0.0f;
    UNROLL_ROWS
    FOR_SLICE_ROWS(row, INT(4), column, columns) { sum += x[row * stride + column]; }
    store_column(sum_of_slices(sum, scratch), SPAN(2), column, columns, INT(7));
  }
}

// The eight lanes of a block are eight neighbouring items, so a group takes 32 blocks at once: the
// same order of summation, and the same bits, as on a CPU.
#define SQUARE_SUM_BLOCK 1024
#define SQUARE_SUM_LANES 8
#define SQUARE_SUM_BLOCKS (GROUP_ITEMS / SQUARE_SUM_LANES)

KERNEL(square_sum) {
  __local double lanes[GROUP_ITEMS];
  BEGIN_KERNEL;
  global_floats out = SPAN(2);
  int blocks = INT(4);
  int lane = ITEM % SQUARE_SUM_LANES;
  FOR_PIECES(piece, (blocks + SQUARE_SUM_BLOCKS - 1) / SQUARE_SUM_BLOCKS) {
    long block = piece * SQUARE_SUM_BLOCKS + ITEM / SQUARE_SUM_LANES;
    double sum = 0.0;
    if (block < blocks) {
      const_global_floats x = SPAN(0) + block * SQUARE_SUM_BLOCK + lane;
      for (int i = 0; i < SQUARE_SUM_BLOCK; i += SQUARE_SUM_LANES) {
        double value = x[i];
        sum = fma(value, value, sum);
      }
    }
    for (int step = SQUARE_SUM_LANES / 2; step > 0; step /= 2) {
      lanes[ITEM] = sum;
      LOCAL_BARRIER;
      if (lane < step) {
        sum += lanes[ITEM + step];
      }
      LOCAL_BARRIER;
    }
    if (lane == 0 && block < blocks) {
      float high = (float)sum;
      out[2 * block] = high;
      out[2 * block + 1] = (float)(sum - (double)high);
    }
  }
}

// A group per tile: the items count theirs and find their first.
KERNEL(finite_check) {
  __local float counts[GROUP_ITEMS];
  __local float firsts[GROUP_ITEMS];
  BEGIN_KERNEL;
  const_global_floats x = SPAN(0);
  global_floats parts = SPAN(2);
  long length = INT(4);
  FOR_PIECES(tile, command->words[2]) {
    long begin = tile * ELEMENTS_PER_TILE;
    long end = min(length, begin + ELEMENTS_PER_TILE);
    float count = 0.0f;
    float first = ELEMENTS_PER_TILE;
    for (long i = begin + ITEM; i < end; i += GROUP_ITEMS) {
      if ((as_int(x[i]) & 0x7f800000) == 0x7f800000) {
        count += 1.0f;
        first = fmin(first, (float)(i - begin));
      }
    }
    count = group_sum(count, counts);
    first = -group_max(-first, firsts);
    if (ITEM == 0) {
      parts[2 * tile] = count;
      parts[2 * tile + 1] = count > 0.0f ? first : -1.0f;
    }
  }
}

KERNEL(finite_check_total) {
  __local int counts[GROUP_ITEMS];
  __local int firsts[GROUP_ITEMS];
  BEGIN_KERNEL;
  const_global_floats parts = SPAN(0);
  global_floats out = SPAN(2);
  int tiles = INT(4);
  if (GROUP == 0) {
    int count = 0;
    int first = INT_MAX;
    for (int i = ITEM; i < tiles; i += GROUP_ITEMS) {
      count += (int)parts[2 * i];
      if (parts[2 * i] > 0.0f) {
        first = min(first, i * ELEMENTS_PER_TILE + (int)parts[2 * i + 1]);
      }
    }
    counts[ITEM] = count;
    firsts[ITEM] = first;
    LOCAL_BARRIER;
    if (ITEM == 0) {
      for (int i = 1; i < GROUP_ITEMS; i++) {
        count += counts[i];
        first = min(first, firsts[i]);
      }
      out[0] = (float)(count >> 16);
      out[1] = (float)(count & 0xffff);
      out[2] = count == 0 ? -1.0f : (float)(first >> 16);
      out[3] = count == 0 ? -1.0f : (float)(first & 0xffff);
    }
  }
}
