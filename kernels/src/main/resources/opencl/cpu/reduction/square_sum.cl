// Sums of squares per block of SQUARE_SUM_BLOCK floats, in double: the parts of a gradient norm
// that does not depend on how the gradient is sharded.
//
//   out[2b], out[2b+1] = high and low float of sum over block b of x^2
//
//   A block is summed in eight interleaved lanes, then the lanes pairwise: a fixed order whatever
//   the vector width.
//
//   arguments: 0 x, 2 out, 4 blocks        tile: SQUARE_SUM_BLOCKS_PER_TILE blocks

#define SQUARE_SUM_BLOCK 1024

INLINE void square_sum(const Command* command, int tile) {
  const_global_floats x = SPAN(0);
  global_floats out = SPAN(2);
  int last = min(INT(4), (tile + 1) * SQUARE_SUM_BLOCKS_PER_TILE);
  for (int block = tile * SQUARE_SUM_BLOCKS_PER_TILE; block < last; block++) {
    const_global_floats begin = x + (size_t)block * SQUARE_SUM_BLOCK;
    double8 sum = (double8)(0.0);
    for (int i = 0; i < SQUARE_SUM_BLOCK; i += 8) {
      double8 value = convert_double8(vload8(0, begin + i));
      sum = fma(value, value, sum);
    }
    double4 four = sum.lo + sum.hi;
    double2 two = four.lo + four.hi;
    double total = two.x + two.y;
    float high = (float)total;
    out[2 * block] = high;
    out[2 * block + 1] = (float)(total - (double)high);
  }
}
