// Sum of K buffers in a fixed tree: a group of k is split at the largest power of two below k, and
// the sums of both parts are added. The same bits whoever adds which part.
//
//   K = 7:      (((x0 + x1) + (x2 + x3)) + ((x4 + x5) + x6))
//
// The leaves are taken from left to right like the counting of a binary number: level l of the
// stack holds a complete group of 2^l, and taking a leaf carries as far as the low bits are set.
// The groups left at the end are added from the right.
//
//   arguments: 0 out, 2 length, 3 K, 4 stride, 5 buffers, one span each; where the stride is not 0,
//              one span, with the buffers that far apart
//   tile: ELEMENTS_PER_TILE consecutive floats of every buffer

#define TREE_LEVELS 16

INLINE void tree_sum(const Command* command, int tile) {
  global_floats out = SPAN(0);
  int buffers = INT(3);
  int stride = INT(4);
  long begin = (long)tile * ELEMENTS_PER_TILE;
  long end = min((long)INT(2), begin + ELEMENTS_PER_TILE);
  vec groups[TREE_LEVELS];
  FOR_VECTORS(i, begin, end) {
    for (int k = 0; k < buffers; k++) {
      const_global_floats x = stride ? SPAN(5) + (size_t)k * stride : SPAN(5 + 2 * k);
      PREFETCH(x + i);
      vec sum = LOAD(x + i);
      int level = 0;
      for (; (k >> level) & 1; level++) {
        sum = groups[level] + sum;
      }
      groups[level] = sum;
    }
    int level = 0;
    while (!((buffers >> level) & 1)) {
      level++;
    }
    vec total = groups[level];
    for (level++; level < TREE_LEVELS; level++) {
      if ((buffers >> level) & 1) {
        total = groups[level] + total;
      }
    }
    STORE_WITHIN(total, out + i, end - i);
  }
}
