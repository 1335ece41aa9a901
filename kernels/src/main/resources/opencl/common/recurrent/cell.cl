// One step of a recurrent layer, between the product of the states with the recurrent weights and the
// next. B sequences of T tokens, H units; row b T + t of a matrix is token t of sequence b.
//
//   a [B T, G H]  what the input gives the gates, bias included     u [B, G H]  what the state gives
//
//   RNN   h = tanh(a + u)                                            (Elman, 1990)
//
//   LSTM  i, f, o = sigmoid(a + u)   g = tanh(a + u)                 (Hochreiter and Schmidhuber, 1997;
//         c = f c' + i g             h = o tanh(c)                    the forget gate: Gers et al., 2000)
//         gates | i | f | g | o |, H floats each
//
//   GRU   r, z = sigmoid(a + u)      n = tanh(a + r u)               (Cho et al., 2014, the reset gate
//         h = (1 - z) n + z h'                                        being applied to the product)
//         gates | r | z | n |
//
// h' and c' are those of the token before, or 0 where that is hidden from this one. The gates replace
// a. What else the backward pass needs is kept: c of the LSTM, u of n of the GRU.
//
//   tile: a row of the step, which needs no other

#define CELL_RNN 0
#define CELL_LSTM 1
#define CELL_GRU 2

INLINE vec sigmoid(vec x) { return (vec)(1.0f) / (exp_vec(-x) + 1.0f); }

INLINE vec tanh_vec(vec x) {
  vec slope;
  return hyperbolic_tangent(x, &slope);
}

// 1 / cosh(x)^2.
INLINE vec tanh_slope(vec x) {
  vec slope;
  hyperbolic_tangent(x, &slope);
  return slope;
}

// Whether the token in a row, number `step` of its sequence, does not see the one before.
INLINE bool begins_document(const_global_floats first_visible, size_t row, int step) {
  return first_visible && first_visible[row] > step - 1;
}

INLINE vec load_or_zero(const_global_floats x, long i) { return x ? LOAD(x + i) : (vec)(0.0f); }

// arguments: 0 a, which becomes the gates, 2 u, 4 states before each row, 6 h, 8 kept or absent,
//            10 cells before the first row or absent, 12 first visible tokens or absent, 14 step,
//            15 tokens, 16 units, 17 cell
INLINE void recurrent_forward_of(int cell, const Command* command, int tile) {
  const_global_floats first_visible = SPAN(12);
  int step = INT(14);
  int time = INT(15);
  int width = INT(16);
  size_t row = (size_t)tile * time + step;
  int count = cell == CELL_LSTM ? 4 : cell == CELL_GRU ? 3 : 1;
  global_floats gates = SPAN(0) + row * count * width;
  const_global_floats u = SPAN(2) + (size_t)tile * count * width;
  const_global_floats before = SPAN(4) + row * width;
  global_floats h = SPAN(6) + row * width;
  global_floats kept = SPAN(8) + row * width;
  const_global_floats cells = (const_global_floats)0;
  if (cell == CELL_LSTM && step > 0 && !begins_document(first_visible, row, step)) {
    cells = kept - width;
  } else if (cell == CELL_LSTM && step == 0 && SPAN(10)) {
    cells = SPAN(10) + (size_t)tile * width;
  }
  bool has_next = step + 1 < time;
  bool passes_on = has_next && !begins_document(first_visible, row + 1, step + 1);
  global_floats next = SPAN(4) + (row + 1) * width;
  FOR_VECTORS(i, 0, width) {
    int rest = (int)(width - i);
    vec state;
    if (cell == CELL_RNN) {
      state = tanh_vec(LOAD(gates + i) + LOAD(u + i));
      STORE_WITHIN(state, gates + i, rest);
    } else if (cell == CELL_LSTM) {
      vec input = sigmoid(LOAD(gates + i) + LOAD(u + i));
      vec forget = sigmoid(LOAD(gates + width + i) + LOAD(u + width + i));
      vec candidate = tanh_vec(LOAD(gates + 2 * width + i) + LOAD(u + 2 * width + i));
      vec output = sigmoid(LOAD(gates + 3 * width + i) + LOAD(u + 3 * width + i));
      vec c = fma(forget, load_or_zero(cells, i), input * candidate);
      state = output * tanh_vec(c);
      STORE_WITHIN(input, gates + i, rest);
      STORE_WITHIN(forget, gates + width + i, rest);
      STORE_WITHIN(candidate, gates + 2 * width + i, rest);
      STORE_WITHIN(output, gates + 3 * width + i, rest);
      STORE_WITHIN(c, kept + i, rest);
    } else {
      vec reset = sigmoid(LOAD(gates + i) + LOAD(u + i));
      vec update = sigmoid(LOAD(gates + width + i) + LOAD(u + width + i));
      vec product = LOAD(u + 2 * width + i);
      vec candidate = tanh_vec(fma(reset, product, LOAD(gates + 2 * width + i)));
      state = fma(update, LOAD(before + i) - candidate, candidate);
      STORE_WITHIN(reset, gates + i, rest);
      STORE_WITHIN(update, gates + width + i, rest);
      STORE_WITHIN(candidate, gates + 2 * width + i, rest);
      STORE_WITHIN(product, kept + i, rest);
    }
    STORE_WITHIN(state, h + i, rest);
    if (has_next) {
      STORE_WITHIN(passes_on ? state : (vec)(0.0f), next + i, rest);
    }
  }
}

// What comes from the token after: dh', its part through u included, and dc' of the LSTM; both are
// replaced by those of this step. The product adds the part through u to the GRU's, and is the RNN's
// and the LSTM's.
//
// arguments: 0 gates, 2 kept or absent, 4 states before each row, 6 dh, 8 dh', 10 dc' or absent,
//            12 da, 14 du or absent where it is da, 16 first visible tokens or absent, 18 step,
//            19 tokens, 20 units, 21 cell
INLINE void recurrent_backward_of(int cell, const Command* command, int tile) {
  const_global_floats first_visible = SPAN(16);
  int step = INT(18);
  int time = INT(19);
  int width = INT(20);
  size_t row = (size_t)tile * time + step;
  int count = cell == CELL_LSTM ? 4 : cell == CELL_GRU ? 3 : 1;
  const_global_floats gates = SPAN(0) + row * count * width;
  const_global_floats kept = SPAN(2) + row * width;
  const_global_floats before = SPAN(4) + row * width;
  const_global_floats upstream = SPAN(6) + row * width;
  global_floats state_carry = SPAN(8) + (size_t)tile * width;
  global_floats cell_carry = SPAN(10) + (size_t)tile * width;
  global_floats da = SPAN(12) + row * count * width;
  global_floats du = SPAN(14) + row * count * width;
  bool has_before = step > 0 && !begins_document(first_visible, row, step);
  bool has_next = step + 1 < time && !begins_document(first_visible, row + 1, step + 1);
  const_global_floats cells = has_before ? kept - width : (const_global_floats)0;
  FOR_VECTORS(i, 0, width) {
    int rest = (int)(width - i);
    vec dh = LOAD(upstream + i);
    if (has_next) {
      dh += LOAD(state_carry + i);
    }
    if (cell == CELL_RNN) {
      vec h = LOAD(gates + i);
      STORE_WITHIN(dh * (1.0f - h * h), da + i, rest);
    } else if (cell == CELL_LSTM) {
      vec input = LOAD(gates + i);
      vec forget = LOAD(gates + width + i);
      vec candidate = LOAD(gates + 2 * width + i);
      vec output = LOAD(gates + 3 * width + i);
      vec c = LOAD(kept + i);
      vec dc = dh * output * tanh_slope(c);
      if (has_next) {
        dc += LOAD(cell_carry + i);
      }
      vec c_before = load_or_zero(cells, i);
      STORE_WITHIN(dc * candidate * input * (1.0f - input), da + i, rest);
      STORE_WITHIN(dc * c_before * forget * (1.0f - forget), da + width + i, rest);
      STORE_WITHIN(dc * input * (1.0f - candidate * candidate), da + 2 * width + i, rest);
      STORE_WITHIN(dh * tanh_vec(c) * output * (1.0f - output), da + 3 * width + i, rest);
      STORE_WITHIN(dc * forget, cell_carry + i, rest);
    } else {
      vec reset = LOAD(gates + i);
      vec update = LOAD(gates + width + i);
      vec candidate = LOAD(gates + 2 * width + i);
      vec inner = dh * (1.0f - update) * (1.0f - candidate * candidate);
      vec dreset = inner * LOAD(kept + i) * reset * (1.0f - reset);
      vec dupdate = dh * (LOAD(before + i) - candidate) * update * (1.0f - update);
      STORE_WITHIN(dreset, da + i, rest);
      STORE_WITHIN(dupdate, da + width + i, rest);
      STORE_WITHIN(inner, da + 2 * width + i, rest);
      STORE_WITHIN(dreset, du + i, rest);
      STORE_WITHIN(dupdate, du + width + i, rest);
      STORE_WITHIN(inner * reset, du + 2 * width + i, rest);
      STORE_WITHIN(dh * update, state_carry + i, rest);
    }
  }
}

// Calls run(cell, command, tile) with a constant cell: each gets a loop of its own.
#define WITH_CELL(run, cell, command, tile) \
  switch (cell) {                           \
    case CELL_RNN:                          \
      run(CELL_RNN, (command), (tile));     \
      break;                                \
    case CELL_LSTM:                         \
      run(CELL_LSTM, (command), (tile));    \
      break;                                \
    default:                                \
      run(CELL_GRU, (command), (tile));     \
  }

INLINE void recurrent_forward(const Command* command, int tile) {
  WITH_CELL(recurrent_forward_of, INT(17), command, tile);
}

INLINE void recurrent_backward(const Command* command, int tile) {
  WITH_CELL(recurrent_backward_of, INT(21), command, tile);
}
