// How the GPU forms of the matrix products read their operands. Formulas: cpu/matmul/matmul.cl.
//
// A matrix as the slabs see it: lines are the rows of A or the columns of B. It lies along k where
// the k of a line are neighbours in memory, else along its lines.

#define MATMUL_QUAD 4         // floats of a vector
#define MATMUL_QUARTER 64     // side of a quarter of the largest tile
#define MATMUL_ITEM_ROW 16    // items along a side
#define MATMUL_STEPS 4        // k that are scheduled together

// Floats of two slabs of each operand: of the tiles of 64, which have longer ones.
#define MATMUL_SLABS (2 * 2 * 16 * (64 + MATMUL_QUAD))

typedef struct {
  stored_numbers data;
  int stride;
  int lines;
  int halved;
  int aligned;  // whether every quad of the matrix may be loaded as a vector
} Lines;

// A matrix from one of its lines on.
INLINE Lines lines_from(
    stored_numbers data, int stride, int halved, int first, int lines, const bool along_k) {
  Lines matrix;
  matrix.data = numbers_from(data, along_k ? (size_t)first * stride : (size_t)first, halved);
  matrix.stride = stride;
  matrix.lines = lines - first;
  matrix.halved = halved;
  size_t bytes = halved ? sizeof(ushort) : sizeof(float);
  matrix.aligned = ((size_t)matrix.data | stride * bytes) % (MATMUL_QUAD * bytes) == 0;
  return matrix;
}

// Four neighbours in memory, of which the first `count` exist: zeros stand in for the others, since
// they change no sum.
INLINE float4 fetch_quad(stored_numbers from, int count, int aligned, int halved) {
  bool whole = count >= MATMUL_QUAD && aligned;
  if (halved) {
    ushort4 quad;
    if (whole) {
      quad = *(const __global ushort4*)from;
    } else {
      quad.x = count > 0 ? from[0] : (ushort)0;
      quad.y = count > 1 ? from[1] : (ushort)0;
      quad.z = count > 2 ? from[2] : (ushort)0;
      quad.w = count > 3 ? from[3] : (ushort)0;
    }
    return as_float4(convert_uint4(quad) << 16);
  }
  const_global_floats floats = (const_global_floats)from;
  if (whole) {
    return *(const __global float4*)floats;
  }
  return (float4)(
      count > 0 ? floats[0] : 0.0f, count > 1 ? floats[1] : 0.0f, count > 2 ? floats[2] : 0.0f,
      count > 3 ? floats[3] : 0.0f);
}

// As the CPU forms do: to nearest, what is below the normal numbers to zero.
INLINE float round_to_bf16(float x) {
  uint bits = to_bf16(x) << 16;
  return as_float((bits & 0x7f800000) == 0 ? bits & 0x80000000 : bits);
}

// To nearest; subnormals of fp16 stay, and what is too large becomes infinite.
INLINE float round_to_fp16(float x) { return as_float(from_fp16(to_fp16(x))); }

INLINE float4 round_quad(float4 x, int rounding) {
  if (rounding == ROUND_TO_BF16) {
    return (float4)(
        round_to_bf16(x.x), round_to_bf16(x.y), round_to_bf16(x.z), round_to_bf16(x.w));
  }
  if (rounding == ROUND_TO_FP16) {
    return (float4)(
        round_to_fp16(x.x), round_to_fp16(x.y), round_to_fp16(x.z), round_to_fp16(x.w));
  }
  return x;
}
