// The learned positional term of T5 (Raffel et al., 2020): one number per head and bucket of
// distances, spread over all distances for the attention kernels.
//
//   bias[h, x]     = table[bucket[x], h]                          x = keys - 1 + (j - p)
//   dtable[n, h]  (+)= sum over batch, then x with bucket[x] = n, of dbias[batch, h, x]
//
//   tile: one head; a bucket outside the table makes the bias NaN and gets no gradient
//
//   arguments, forward: 0 buckets, 2 table, 4 bias, 6 heads, 7 distances, 8 number of buckets
//   backward: 0 buckets, 2 dbias, 4 dtable, 6 heads, 7 distances, 8 number of buckets, 9 batch,
//             10 accumulate

INLINE void relative_bias_forward(const Command* command, int tile) {
  const_global_floats buckets = SPAN(0);
  const_global_floats table = SPAN(2);
  int heads = INT(6);
  int distances = INT(7);
  float count = (float)INT(8);
  global_floats bias = SPAN(4) + (size_t)tile * distances;
  for (int x = 0; x < distances; x++) {
    float bucket = buckets[x];
    bias[x] = bucket >= 0.0f && bucket < count ? table[(int)bucket * heads + tile] : NAN;
  }
}

INLINE void relative_bias_backward(const Command* command, int tile, local_floats local_memory) {
  const_global_floats buckets = SPAN(0);
  int heads = INT(6);
  int distances = INT(7);
  int count = INT(8);
  int batch = INT(9);
  for (int n = 0; n < count; n++) {
    local_memory[n] = 0.0f;
  }
  for (int b = 0; b < batch; b++) {
    const_global_floats dbias = SPAN(2) + ((size_t)b * heads + tile) * distances;
    for (int x = 0; x < distances; x++) {
      float bucket = buckets[x];
      if (bucket >= 0.0f && bucket < (float)count) {
        local_memory[(int)bucket] += dbias[x];
      }
    }
  }
  for (int n = 0; n < count; n++) {
    global_floats dtable = SPAN(4) + n * heads + tile;
    *dtable = INT(10) ? *dtable + local_memory[n] : local_memory[n];
  }
}
