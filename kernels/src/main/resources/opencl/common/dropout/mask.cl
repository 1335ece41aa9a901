// Counter-based random numbers: whether an element is kept is a pure function of
// (key, stream, row, column), so forward and backward agree without storing a mask, and no result
// depends on which thread computes an element.
//
//   key[4]                 64 bits in four whole floats of 16 bits each, least significant first
//   seeds(key, stream, row)  two 32-bit words, computed once per row in scalar code
//   bits(seeds, column)      two multiply-xorshift rounds, the second word entering between them
//
// The constants are those of the 32-bit finalizers of MurmurHash3 and of C. Wellons' hash search.
//
// An element is kept when bits >= threshold = rate * 2^32. Kept elements are scaled by 1/(1-rate).

#define DROPOUT_ROW 65536

typedef struct {
  uint first;
  uint second;
} DropoutSeeds;

typedef struct {
  const_global_floats key;  // null: no dropout
  uint stream;
  uint threshold;
  float scale;
} Dropout;

INLINE uint mix_word(uint x) {
  x ^= x >> 16;
  x *= 0x85ebca6bu;
  x ^= x >> 13;
  x *= 0xc2b2ae35u;
  x ^= x >> 16;
  return x;
}

INLINE DropoutSeeds dropout_seeds(Dropout dropout, ulong row) {
  uint low = (uint)dropout.key[0] | ((uint)dropout.key[1] << 16);
  uint high = (uint)dropout.key[2] | ((uint)dropout.key[3] << 16);
  uint state = mix_word(low ^ 0x9e3779b9u);
  state = mix_word(state + high);
  state = mix_word(state + dropout.stream);
  state = mix_word(state + (uint)row);
  state = mix_word(state + (uint)(row >> 32));
  DropoutSeeds seeds;
  seeds.first = state;
  seeds.second = mix_word(state ^ 0x6a09e667u);
  return seeds;
}

// 1/(1-rate) for kept columns, 0 for dropped ones, for columns column … column + LANES - 1.
INLINE vec dropout_factors(Dropout dropout, DropoutSeeds seeds, uint column) {
  uvec x = (AS_UVEC(LANE_INDEX) + (uvec)(column)) * (uvec)(0x9e3779b9u) + (uvec)(seeds.first);
  x ^= x >> 16;
  x *= (uvec)(0x7feb352du);
  x ^= (uvec)(seeds.second);
  x ^= x >> 15;
  x *= (uvec)(0x846ca68bu);
  x ^= x >> 16;
  return x >= (uvec)(dropout.threshold) ? (vec)(dropout.scale) : (vec)(0.0f);
}

INLINE Dropout dropout_argument(const Command* command, int word) {
  Dropout dropout;
  dropout.key = SPAN(word);
  dropout.stream = (uint)INT(word + 2);
  dropout.threshold = (uint)INT(word + 3);
  dropout.scale = FLOAT(word + 4);
  return dropout;
}
