// Softmax of one strip of GROUP_ROWS rows of scores at a time: rows side by side keep the vector
// units busy, and loops end where the strip does instead of where each row does. The numbers of a
// strip's rows lie in STRIP_SLOTS floats, the last of them unused.
//
//            first key of the group          end
//   row 0   |   ####|#######|####   |            edge vectors are masked lane by lane;
//   row 1   |     ##|#######|#####  |            those that every row sees whole are not
//    …      |       |#######|#######|

#define STRIP_SLOTS 8

#if LANES == 16
#define HALVES_JOINED(v, OP) OP((v).lo, (v).hi)
#define WIDENED(v) ((vec)((v), (v)))
#define NARROWED(v) ((v).lo)
#else
#define HALVES_JOINED(v, OP) (v)
#define WIDENED(v) (v)
#define NARROWED(v) (v)
#endif

#define LARGER(a, b) ((a) > (b) ? (a) : (b))
#define SUM(a, b) ((a) + (b))

// Neighbours, then quarters, then halves of eight rows of eight: lane r becomes row r's.
#define JOIN_NEIGHBOURS(a, b, OP) \
  OP(SHUFFLE(a, b, 0, 8, 2, 10, 4, 12, 6, 14), SHUFFLE(a, b, 1, 9, 3, 11, 5, 13, 7, 15))
#define JOIN_QUARTERS(a, b, OP) \
  OP(SHUFFLE(a, b, 0, 1, 8, 9, 4, 5, 12, 13), SHUFFLE(a, b, 2, 3, 10, 11, 6, 7, 14, 15))
#define JOIN_HALVES(a, b, OP) \
  OP(SHUFFLE(a, b, 0, 1, 2, 3, 8, 9, 10, 11), SHUFFLE(a, b, 4, 5, 6, 7, 12, 13, 14, 15))

#define DEFINE_OF_ROWS(NAME, OP)                        \
  INLINE float8 NAME(const vec* rows) {                 \
    float8 r0 = HALVES_JOINED(rows[0], OP);             \
    float8 r1 = HALVES_JOINED(rows[1], OP);             \
    float8 r2 = HALVES_JOINED(rows[2], OP);             \
    float8 r3 = HALVES_JOINED(rows[3], OP);             \
    float8 r4 = HALVES_JOINED(rows[4], OP);             \
    float8 r5 = HALVES_JOINED(rows[5], OP);             \
    float8 r01 = JOIN_NEIGHBOURS(r0, r1, OP);           \
    float8 r23 = JOIN_NEIGHBOURS(r2, r3, OP);           \
    float8 r45 = JOIN_NEIGHBOURS(r4, r5, OP);           \
    float8 r0123 = JOIN_QUARTERS(r01, r23, OP);         \
    float8 r4545 = JOIN_QUARTERS(r45, r45, OP);         \
    return JOIN_HALVES(r0123, r4545, OP);               \
  }

DEFINE_OF_ROWS(maxima_of_rows, LARGER)
DEFINE_OF_ROWS(sums_of_rows, SUM)

// The keys that every row of a strip sees.
INLINE Range seen_by_every(const Range* rows) {
  Range common = rows[0];
#pragma unroll
  for (int r = 1; r < GROUP_ROWS; r++) {
    common.first = max(common.first, rows[r].first);
    common.end = min(common.end, rows[r].end);
  }
  return common;
}

INLINE ivec is_in(int key, Range range) {
  ivec keys = LANE_INDEX + (ivec)(key);
  return (keys >= (ivec)(range.first)) & (keys < (ivec)(range.end));
}

// The largest score of each row, minus infinity where a row sees none.
INLINE float8 maxima_of_strip(
    const_local_floats s, int stride, const Range* rows, Range group, Range common) {
  const vec lowest = (vec)(-INFINITY);
  vec largest[GROUP_ROWS];
#pragma unroll
  for (int r = 0; r < GROUP_ROWS; r++) {
    largest[r] = lowest;
  }
  for (int j = round_down(group.first, LANES); j < group.end; j += LANES) {
    if (j >= common.first && j + LANES <= common.end) {
#pragma unroll
      for (int r = 0; r < GROUP_ROWS; r++) {
        vec v = LOAD(s + r * stride + j);
        largest[r] = LARGER(v, largest[r]);
      }
    } else {
#pragma unroll
      for (int r = 0; r < GROUP_ROWS; r++) {
        vec v = is_in(j, rows[r]) ? LOAD(s + r * stride + j) : lowest;
        largest[r] = LARGER(v, largest[r]);
      }
    }
  }
  return maxima_of_rows(largest);
}

// Turns scores into e^(scale s - maximum) times the dropout factors, zero where a row does not see a
// key of the group's vectors, and returns the sums before dropout.
INLINE float8 exponentials_of_strip(
    local_floats s, int stride, const Range* rows, Range group, Range common, float scale,
    float8 maxima, Dropout dropout, const DropoutSeeds* seeds, uint first_column) {
  float offsets[STRIP_SLOTS];
  vec sums[GROUP_ROWS];
  vstore8(-maxima, 0, offsets);
#pragma unroll
  for (int r = 0; r < GROUP_ROWS; r++) {
    sums[r] = (vec)(0.0f);
  }
  for (int j = round_down(group.first, LANES); j < group.end; j += LANES) {
    int whole = j >= common.first && j + LANES <= common.end;
#pragma unroll
    for (int r = 0; r < GROUP_ROWS; r++) {
      local_floats at = s + r * stride + j;
      vec p = exp_vec(fma(LOAD(at), (vec)(scale), (vec)(offsets[r])));
      if (!whole) {
        p = is_in(j, rows[r]) ? p : (vec)(0.0f);
      }
      sums[r] += p;
      if (dropout.key) {
        p *= dropout_factors(dropout, seeds[r], first_column + j);
      }
      STORE(p, at);
    }
  }
  return sums_of_rows(sums);
}
