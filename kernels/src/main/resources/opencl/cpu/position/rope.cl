// Rotary position embedding (Su et al., 2021). R rows of H heads of S floats, rows `stride` apart;
// the first D = rotary dims of each head turn, the others are copied.
//
//   pair i of D/2 at position p turns by p base^(-2i/D):
//     a' = a cos - b sin      b' = b cos + a sin        (the gradient turns back: -sin)
//
//   half-split  (GPT-NeoX, Llama)     | a0 a1 … | b0 b1 … | rest |
//   interleaved (RoFormer, GPT-J)     | a0 b0 a1 b1 …     | rest |
//
//   table [positions, D]: D/2 cosines, then D/2 sines, made by the host in double, because p times
//   a frequency needs more digits than a float has
//
//   position of row r: starts[r / period] + r mod period. A row whose position is not in the table becomes NaN.
//
//   arguments: 0 x, 2 table, 4 starts or absent: 0, 6 y, 8 rows, 9 period, 10 heads, 11 head size,
//              12 rotary dims, 13 interleaved, 14 stride of x, 15 of y, 16 sign of the sines,
//              17 positions
//   tile: ROPE_ROWS rows

INLINE void rotate_halves(
    const_global_floats x, const_global_floats turns, global_floats y, int pairs, float sign) {
  for (int i = 0; i < pairs; i += LANES) {
    PREFETCH(x + i);
    PREFETCH(x + pairs + i);
    PREFETCH_FOR_STORE(y + i);
    PREFETCH_FOR_STORE(y + pairs + i);
    vec a = LOAD(x + i);
    vec b = LOAD(x + pairs + i);
    vec cosine = LOAD(turns + i);
    vec sine = LOAD(turns + pairs + i) * sign;
    STORE_WITHIN(fma(-b, sine, a * cosine), y + i, pairs - i);
    STORE_WITHIN(fma(a, sine, b * cosine), y + pairs + i, pairs - i);
  }
}

INLINE void rotate_neighbours(
    const_global_floats x, const_global_floats turns, global_floats y, int pairs, float sign) {
  for (int i = 0; i < pairs; i += LANES) {
    PREFETCH(x + 2 * i);
    PREFETCH(x + 2 * i + LANES);
    PREFETCH_FOR_STORE(y + 2 * i);
    PREFETCH_FOR_STORE(y + 2 * i + LANES);
    vec low = LOAD(x + 2 * i);
    vec high = LOAD(x + 2 * i + LANES);
    vec a = (vec)(low.even, high.even);
    vec b = (vec)(low.odd, high.odd);
    vec cosine = LOAD(turns + i);
    vec sine = LOAD(turns + pairs + i) * sign;
    vec turned_a = fma(-b, sine, a * cosine);
    vec turned_b = fma(a, sine, b * cosine);
    low.even = turned_a.lo;
    low.odd = turned_b.lo;
    high.even = turned_a.hi;
    high.odd = turned_b.hi;
    int live = 2 * (pairs - i);
    STORE_WITHIN(low, y + 2 * i, live);
    if (live > LANES) {
      STORE_WITHIN(high, y + 2 * i + LANES, live - LANES);
    }
  }
}

INLINE void rope(const Command* command, int tile) {
  const_global_floats starts = SPAN(4);
  int period = INT(9);
  int heads = INT(10);
  int head_size = INT(11);
  int dims = INT(12);
  float sign = FLOAT(16);
  int row_end = min(INT(8), (tile + 1) * ROPE_ROWS);
  for (int row = tile * ROPE_ROWS; row < row_end; row++) {
    const_global_floats x = SPAN(0) + (size_t)row * INT(14);
    global_floats y = SPAN(6) + (size_t)row * INT(15);
    float position = (starts ? starts[row / period] : 0.0f) + row % period;
    if (!valid_id(position, INT(17))) {
      for (int i = 0; i < heads * head_size; i++) {
        y[i] = NAN;
      }
      continue;
    }
    const_global_floats turns = SPAN(2) + (size_t)(int)position * dims;
    for (int head = 0; head < heads; head++, x += head_size, y += head_size) {
      if (INT(13)) {
        rotate_neighbours(x, turns, y, dims / 2, sign);
      } else {
        rotate_halves(x, turns, y, dims / 2, sign);
      }
      if (x != y) {
        for (int i = dims; i < head_size; i += LANES) {
          STORE_WITHIN(LOAD(x + i), y + i, head_size - i);
        }
      }
    }
  }
}
