// GPU forms of T5's positional term. Formulas and arguments: cpu/attention/relative_bias.cl.

KERNEL(relative_bias_forward) {
  BEGIN_KERNEL;
  const_global_floats buckets = SPAN(0);
  const_global_floats biases = SPAN(2);
  global_floats bias = SPAN(4);
  int heads = INT(6);
  int distances = INT(7);
  float count = (float)INT(8);
  FOR_ELEMENTS(i, (long)heads * distances) {
    float bucket = buckets[i % distances];
    int live = bucket >= 0.0f && bucket < count;
    bias[i] = live ? biases[(int)bucket * heads + (int)(i / distances)] : NAN;
  }
}

// A piece is one bucket of one head: every item adds up the distances it meets that fall into it.
KERNEL(relative_bias_backward) {
  __local float scratch[GROUP_ITEMS];
  BEGIN_KERNEL;
  const_global_floats buckets = SPAN(0);
  global_floats dtable = SPAN(4);
  int heads = INT(6);
  int distances = INT(7);
  FOR_PIECES(piece, (long)INT(8) * heads) {
    int bucket = (int)(piece / heads);
    int head = (int)(piece % heads);
    float sum = 0.0f;
    for (int b = 0; b < INT(9); b++) {
      const_global_floats dbias = SPAN(2) + ((size_t)b * heads + head) * distances;
      for (int x = ITEM; x < distances; x += GROUP_ITEMS) {
        if (buckets[x] >= 0.0f && (int)buckets[x] == bucket) {
          sum += dbias[x];
        }
      }
    }
    sum = group_sum(sum, scratch);
    if (ITEM == 0) {
      dtable[piece] = INT(10) ? dtable[piece] + sum : sum;
    }
  }
}
